// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_INVITE_ALL_HPP
#define FICTIVE_INVITE_ALL_HPP

// Bulk runs. Defines `client::invite_all` and `async_client::async_invite_all`, which <fictive/client.hpp> and
// <fictive/async_client.hpp> only declare, so that programs without bulk runs do not compile them.

#include <fictive/address_source.hpp>
#include <fictive/bulk.hpp>
#include <fictive/bulk_options.hpp>
#include <fictive/bulk_report.hpp>
#include <fictive/config.hpp>
#include <fictive/detail/driver/bulk.hpp>
#include <fictive/journal.hpp>

#endif
