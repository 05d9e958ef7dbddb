#include <opentelemetry/trace/tracer.h>
