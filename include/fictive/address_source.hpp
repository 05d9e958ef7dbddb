// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_ADDRESS_SOURCE_HPP
#define FICTIVE_ADDRESS_SOURCE_HPP

#include <fictive/config.hpp>

#include <concepts>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fictive {

/// A function that stores the next address, and returns false if there is none.
template <class T>
concept address_generator = requires(T& generator, std::string& address) {
  { generator(address) } -> std::same_as<bool>;
};

/// An input range of texts.
template <class T>
concept address_range = requires(T& range) {
  { *std::begin(range) } -> std::convertible_to<std::string_view>;
  std::begin(range) != std::end(range);
};

/// The addresses of a bulk run, pulled one at a time when they can be sent: any input range of texts, or a function
/// `bool(std::string&)`. A range that is a temporary is moved in; any other must outlive the run. Move-only.
class address_source {
 public:
  /// No addresses.
  address_source() = default;

  /// See above. Begins to iterate when the first address is pulled.
  template <class Source>
  requires(!std::same_as<std::remove_cvref_t<Source>, address_source> &&
           (address_generator<Source> || address_range<Source>))
      address_source(Source&& source)  // NOLINT(bugprone-forwarding-reference-overload): constrained
      : puller_(std::make_unique<holder<Source>>(std::forward<Source>(source))) {}

  /// Stores the next address; false at the end, and from then on. Throws what the range throws.
  [[nodiscard]] bool next(std::string& address) {
    if (puller_ && puller_->next(address)) return true;
    puller_ = nullptr;
    return false;
  }

 private:
  struct puller {
    puller() = default;
    puller(puller const&) = delete;
    puller& operator=(puller const&) = delete;
    virtual ~puller() = default;
    virtual bool next(std::string& address) = 0;
  };

  template <class Source>
  struct holder;

  std::unique_ptr<puller> puller_;
};

/// @cond
template <class Source>
struct address_source::holder final : address_source::puller {
  explicit holder(Source&& from) : source(std::forward<Source>(from)) {}

  bool next(std::string& address) override {
    if constexpr (address_generator<Source>) {
      return source(address);
    } else {
      if (!position) position = std::make_unique<iterators>(std::begin(source), std::end(source));
      if (!(position->at != position->end)) return false;
      {
        auto&& text = *position->at;
        address.assign(std::string_view(text));
      }
      ++position->at;
      return true;
    }
  }

  template <class Range>
  struct positions {
    positions(decltype(std::begin(std::declval<Range&>())) first, decltype(std::end(std::declval<Range&>())) last)
        : at(std::move(first)), end(std::move(last)) {}
    decltype(std::begin(std::declval<Range&>())) at;
    decltype(std::end(std::declval<Range&>())) end;
  };
  struct no_positions {};
  template <class T>
  static auto positions_of() {
    if constexpr (address_generator<T>)
      return std::type_identity<no_positions>();
    else
      return std::type_identity<positions<std::remove_reference_t<T>>>();
  }
  using iterators = typename decltype(positions_of<Source>())::type;

  Source source;
  std::unique_ptr<iterators> position;
};
/// @endcond

}  // namespace fictive

#endif
