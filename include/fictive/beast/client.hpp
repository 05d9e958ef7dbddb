// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_CLIENT_HPP
#define FICTIVE_BEAST_CLIENT_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/options.hpp>
#include <fictive/beast/transport.hpp>
#include <fictive/client.hpp>
#include <fictive/client_config.hpp>
#include <fictive/config.hpp>

#include <utility>

namespace FICTIVE_BEAST_NAMESPACE {

/// The blocking client: a `fictive::client` over `beast::transport`.
///
///     fictive::beast::client client{{.api_version = "9.0.0", .credentials = {.session_id = session}}};
///     auto reply = client.invite({.account_group_token = group, .email_addresses = {"jamie.muir@fictiveglobal.com"}});
class client : public fictive::client<transport> {
 public:
  /// Opens no connection yet.
  explicit client(client_config config, transport_options options = {})
      : fictive::client<transport>(transport(std::move(options)), std::move(config)) {}
};

}  // namespace FICTIVE_BEAST_NAMESPACE

#endif
