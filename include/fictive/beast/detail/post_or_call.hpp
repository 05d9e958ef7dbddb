// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_POST_OR_CALL_HPP
#define FICTIVE_BEAST_DETAIL_POST_OR_CALL_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>

#include <boost/asio/post.hpp>

#include <new>

namespace FICTIVE_BEAST_NAMESPACE::detail {

/// Posts a copy of the function; calls it here if there is no memory to post it.
template <class Executor, class Function>
void post_or_call(Executor const& executor, Function function) {
  try {
    boost::asio::post(executor, Function(function));
  } catch (std::bad_alloc const&) {
    function();
  }
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
