// Node-API as this addon uses it: node-addon-api for what runs once, its C functions where nanoseconds count.
#pragma once

// A worker that is being terminated takes no exception any more; node-addon-api would end the process over that.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS

#include <napi.h>
