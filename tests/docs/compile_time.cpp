// The code of docs/compile_time.md. The two parts represent two files.

// [declaration]
#include <fictive/error.hpp>
#include <fictive/invite.hpp>

fictive::result<fictive::invite_response> invite_people(fictive::invite_request const& request);
// [declaration]

// [definition]
#include <fictive/beast/client.hpp>

#include <cstdlib>

fictive::result<fictive::invite_response> invite_people(fictive::invite_request const& request) {
  static fictive::beast::client client{{.credentials = {.session_id = std::getenv("FICTIVE_SESSION_ID")}}};
  return client.invite(request);
}
// [definition]

int main() {
  return invite_people({}).error().code == fictive::errc::invalid_argument ? 0 : 1;
}
