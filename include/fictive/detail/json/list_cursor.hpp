// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_LIST_CURSOR_HPP
#define FICTIVE_DETAIL_JSON_LIST_CURSOR_HPP

#include <fictive/config.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/detail/text/ascii.hpp>

#include <string_view>

namespace fictive::detail {

/// The part of a list that is read: the list itself, or the object in which JSON.NET wraps it if it preserves
/// references, `{"$id":"1","$values":[…]}`.
class list_cursor {
 public:
  [[nodiscard]] bool is_in_list() const noexcept { return in_list_; }
  [[nodiscard]] bool is_in_wrapper() const noexcept { return in_wrapper_; }

  /// @{ False if the value is not a list, but an element of one.
  bool begin_array() noexcept { return !in_list_ && (in_list_ = has_list_ = true); }
  bool begin_object() noexcept {
    if (in_list_ || in_wrapper_) return false;
    has_list_ = false;
    return in_wrapper_ = true;
  }
  /// @}

  void end_array() noexcept { in_list_ = false; }
  /// Returns whether the wrapper had a list.
  bool end_object() noexcept {
    in_wrapper_ = false;
    return has_list_;
  }

  /// Of a member of the wrapper.
  static json_action key(std::string_view name) noexcept {
    return is_named(name, "$values") ? json_action::take : json_action::skip;
  }

 private:
  bool in_wrapper_ = false, in_list_ = false, has_list_ = false;
};

}  // namespace fictive::detail

#endif
