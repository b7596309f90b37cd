// A watcher of a dict as the tests see it.
#pragma once

#include <algorithm>

#include "core/dict_changes.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {

constexpr std::uint32_t kOneShard = dict_parameter(60000, false);

class Watch {
 public:
  explicit Watch(const Dict& dict) : dict_(dict.reference) {
    MUST(changes_begin(dict_, nullptr, &seen_) == Status::kOk);
  }

  /// What was noted since the last time.
  Status take() {
    keys_.clear();
    return changes_take(dict_, &seen_, keys_);
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> texts;
    for (const KeyCopy& key : keys_) texts.push_back(text_of(key));
    return texts;
  }
  /// Whether somebody who takes now looks at the key again.
  bool is_told_of(const std::string& key) {
    const Status taken = take();
    const std::vector<std::string> texts = keys();
    return taken == Status::kBound || std::find(texts.begin(), texts.end(), key) != texts.end();
  }
  Status arm() const { return changes_arm(dict_, seen_); }
  Status look() const { return changes_look(dict_, seen_); }
  void disarm() const { changes_disarm(dict_); }

 private:
  Reference dict_;
  ChangesSeen seen_{};
  std::vector<KeyCopy> keys_;
};

}  // namespace lockstep::test
