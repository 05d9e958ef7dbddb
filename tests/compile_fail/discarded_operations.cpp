// A lazy operation that is discarded does not start; a callback has nothing to discard.
// flags: -DFICTIVE_BEAST_NO_TLS -Werror=unused-result
// expect: ignoring return value of
// expect: client.async_invite({}, boost::asio::deferred);
// expect: client.async_invite({}, {}, boost::asio::deferred);
// expect: client.async_invite_all({}, {}, {}, boost::asio::deferred);

#include <fictive/beast.hpp>

#include <boost/asio/deferred.hpp>

void try_it(fictive::beast::async_client client) {
  client.async_invite({}, boost::asio::deferred);
  client.async_invite({}, {}, boost::asio::deferred);
  client.async_invite_all({}, {}, {}, boost::asio::deferred);
}
