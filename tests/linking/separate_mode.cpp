#define FICTIVE_SEPARATE_COMPILATION
#include <fictive/fictive.hpp>

int answer_of_the_other_unit() {
  return 0;
}
