// Where memory and arrays have their bytes: see storage.hpp.
#include "storage.hpp"
#include "verify_state.hpp"

namespace lockstep {

void inspect_memory(Inspection& inspection, const Object& object) {
  const StoragePlace storage = storage_of(object);
  if (storage.is_run) {
    inspection.claim_run(storage.place, storage.bytes, "memory");
  } else {
    inspection.claim_heap(storage.place, storage.bytes, "memory");
  }
}

}  // namespace lockstep
