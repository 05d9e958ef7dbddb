#include <fictive/src.hpp>
