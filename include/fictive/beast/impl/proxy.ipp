// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_IMPL_PROXY_IPP
#define FICTIVE_BEAST_IMPL_PROXY_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/proxy.hpp>
#include <fictive/beast/proxy.hpp>

#include <cstdlib>
#include <string_view>

namespace FICTIVE_BEAST_NAMESPACE {

#if defined(_MSC_VER)
#pragma warning(push)
#pragma warning(disable : 4996)  // std::getenv is what there is
#endif

FICTIVE_DECL result<secret> proxy_from_environment(std::string_view base_url) {
  return detail::proxy_from(base_url, [](char const* name) -> char const* { return std::getenv(name); });
}

#if defined(_MSC_VER)
#pragma warning(pop)
#endif

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
