// Every quantization and overflow mode of ap_fixed and ap_ufixed for a few formats. Reads float64 numbers from the
// standard input, and writes one line of JSON per format and mode: its names and the value of each number.
#include <cstdio>
#include <vector>

#include "ap_fixed.h"

static std::vector<double> numbers;

template <typename Fixed>
void convert(const char *format, const char *rounding, const char *overflow) {
  std::printf("[\"%s\", \"%s\", \"%s\", [", format, rounding, overflow);
  const char *comma = "";
  for (double x : numbers) {
    Fixed y = x;
    std::printf("%s%.17g", comma, y.to_double());
    comma = ",";
  }
  std::printf("]]\n");
}

#define SATURATIONS(TYPE, W, F, FORMAT, Q)                            \
  convert<TYPE<W, W - F, Q, AP_SAT>>(FORMAT, #Q, "AP_SAT");           \
  convert<TYPE<W, W - F, Q, AP_SAT_ZERO>>(FORMAT, #Q, "AP_SAT_ZERO"); \
  convert<TYPE<W, W - F, Q, AP_SAT_SYM>>(FORMAT, #Q, "AP_SAT_SYM");   \
  convert<TYPE<W, W - F, Q, AP_WRAP>>(FORMAT, #Q, "AP_WRAP");

// The headers refuse AP_WRAP_SM of numbers without sign.
#define OVERFLOWS(TYPE, W, F, FORMAT, Q) \
  SATURATIONS(TYPE, W, F, FORMAT, Q)     \
  convert<TYPE<W, W - F, Q, AP_WRAP_SM>>(FORMAT, #Q, "AP_WRAP_SM");

#define ROUNDINGS(OVERFLOWS, TYPE, W, F, FORMAT) \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_RND)          \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_RND_ZERO)     \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_RND_MIN_INF)  \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_RND_INF)      \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_RND_CONV)     \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_TRN)          \
  OVERFLOWS(TYPE, W, F, FORMAT, AP_TRN_ZERO)

int main() {
  double x;
  while (std::fread(&x, sizeof x, 1, stdin) == 1) numbers.push_back(x);
  ROUNDINGS(OVERFLOWS, ap_fixed, 8, 4, "w8f4")
  ROUNDINGS(SATURATIONS, ap_ufixed, 8, 4, "u8f4")
  ROUNDINGS(OVERFLOWS, ap_fixed, 8, 12, "w8f12")
  ROUNDINGS(OVERFLOWS, ap_fixed, 8, -3, "w8f-3")
  ROUNDINGS(OVERFLOWS, ap_fixed, 16, 8, "w16f8")
  return 0;
}
