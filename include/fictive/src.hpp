// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_SRC_HPP
#define FICTIVE_SRC_HPP

// The definitions of <fictive/fictive.hpp>, for separate compilation: include this in exactly one source file of the
// program. Boost.JSON's are not among them: link its library, or include <boost/json/src.hpp> in a source file.

#include <fictive/config.hpp>

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#error "<fictive/src.hpp> needs FICTIVE_SEPARATE_COMPILATION, defined in all files of the program"
#endif

#include <fictive/fictive.hpp>

#include <fictive/detail/http/impl/error_body.ipp>
#include <fictive/detail/http/impl/error_response.ipp>
#include <fictive/detail/http/impl/http_date.ipp>
#include <fictive/detail/http/impl/request_builder.ipp>
#include <fictive/detail/http/impl/response_headers.ipp>
#include <fictive/detail/http/impl/retry_after.ipp>
#include <fictive/detail/impl/retry_state.ipp>
#include <fictive/detail/text/impl/printable.ipp>
#include <fictive/impl/invite_endpoint.ipp>
#include <fictive/impl/transport.ipp>

#endif
