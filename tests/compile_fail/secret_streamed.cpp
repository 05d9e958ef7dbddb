// A secret does not get into a log by accident.
// expect: operator<<(Stream&, secret const&) = delete

#include <fictive/fictive.hpp>

#include <ostream>

void log(std::ostream& out, fictive::credentials const& credentials) {
  out << credentials.session_id;
}
