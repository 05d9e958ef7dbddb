// A secret is not compared: == would tell by its time how much of a guess is right.
// expect: operator==(secret const&, secret const&) = delete

#include <fictive/fictive.hpp>

bool is_known(fictive::credentials const& credentials) {
  return credentials.session_id == "session";
}
