// The code of docs/compile_time.md: the one source file that holds the definitions of Boost.Asio and Boost.Beast.

// [boost_definitions]
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
// [boost_definitions]
