// A discarded result hides a failure.
// flags: -Werror=unused-result
// expect: ignoring return value of
// expect: client.invite({});
// expect: client.invite_all({}, {}, {});
// expect: fictive::date_time::parse("2017");
// expect: fictive::date_time::try_parse("2017", time);

#include <fictive/fictive.hpp>

template <class Transport>
void discard(fictive::client<Transport> client) {
  client.invite({});
  client.invite_all({}, {}, {});
}

void discard(fictive::date_time time) {
  fictive::date_time::parse("2017");
  fictive::date_time::try_parse("2017", time);
}

void try_it() {
  discard(fictive::client{[](fictive::http_request const&) { return fictive::http_response(); }, {}});
}
