// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_SRC_HPP
#define FICTIVE_SRC_HPP

// The definitions of all headers but those of the adapter, for separate compilation: include this in exactly one source
// file of the program. Boost.JSON's are not among them: link its library, or include
// <boost/json/src.hpp> in a source file.

#include <fictive/config.hpp>

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#error "<fictive/src.hpp> needs FICTIVE_SEPARATE_COMPILATION, defined in all files of the program"
#endif

#include <fictive/fictive.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>

#include <fictive/detail/bulk/impl/duplicates.ipp>
#include <fictive/detail/bulk/impl/journal_line.ipp>
#include <fictive/detail/bulk/impl/match_response.ipp>
#include <fictive/detail/bulk/impl/pacing.ipp>
#include <fictive/detail/bulk/impl/recovery.ipp>
#include <fictive/detail/driver/impl/bulk.ipp>
#include <fictive/detail/driver/impl/client_state.ipp>
#include <fictive/detail/driver/impl/wait_for_change.ipp>
#include <fictive/detail/file/impl/append_file.ipp>
#include <fictive/detail/http/impl/authorization.ipp>
#include <fictive/detail/http/impl/credentials_problem.ipp>
#include <fictive/detail/http/impl/error_body.ipp>
#include <fictive/detail/http/impl/error_response.ipp>
#include <fictive/detail/http/impl/http_date.ipp>
#include <fictive/detail/http/impl/request_builder.ipp>
#include <fictive/detail/http/impl/response_headers.ipp>
#include <fictive/detail/http/impl/retry_after.ipp>
#include <fictive/detail/impl/lenient_date_time.ipp>
#include <fictive/detail/impl/refusal.ipp>
#include <fictive/detail/impl/retry_state.ipp>
#include <fictive/detail/impl/unaccounted_addresses.ipp>
#include <fictive/detail/json/impl/json_reader.ipp>
#include <fictive/detail/text/impl/printable.ipp>
#include <fictive/detail/text/impl/repeated_address.ipp>
#include <fictive/detail/text/impl/sort_ignoring_case.ipp>
#include <fictive/detail/text/impl/text_problem.ipp>
#include <fictive/impl/bulk.ipp>
#include <fictive/impl/error.ipp>
#include <fictive/impl/file_journal.ipp>
#include <fictive/impl/hooks.ipp>
#include <fictive/impl/invite_endpoint.ipp>
#include <fictive/impl/journal_text.ipp>
#include <fictive/impl/transport.ipp>

#endif
