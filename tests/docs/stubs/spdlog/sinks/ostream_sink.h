#include <spdlog/logger.h>
