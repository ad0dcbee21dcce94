// Times each of the kernels' algorithms that compute a convolution of a given shape. convolutions.js compiles and runs it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <vector>
#include "conv2d.h"

using namespace pipe;

/** Processor seconds of a call, the fewest of `rounds`. */
static double seconds(int rounds, const std::function<void()>& call) {
  call();
  std::vector<double> times;
  for (int round = 0; round < rounds; round++) {
    const std::clock_t start = std::clock();
    call();
    times.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return *std::min_element(times.begin(), times.end());
}

static std::vector<float> drawn(size_t size) {
  static std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float& value : values) value = normal(random);
  return values;
}

/** Prints a line for an algorithm: GFLOP/s and milliseconds of the output and the gradients of x and the kernel. */
template <class Shape>
static void measure(const char* name, const ConvShape& conv, const Shape& shape, int rounds) {
  static const auto x = drawn(conv.x_size()), kernel = drawn(conv.kernel_size()), gradient = drawn(conv.output_size());
  static std::vector<float> y(conv.output_size()), dx(conv.x_size()), dkernel(conv.kernel_size());
  const double flop = 2.0 * conv.output_size() * conv.kernel * conv.kernel * conv.inputs;
  const double times[] = {seconds(rounds, [&] { forward(shape, x.data(), kernel.data(), Finish{}, y.data()); }),
                          seconds(rounds, [&] { input_gradient(shape, gradient.data(), kernel.data(), dx.data()); }),
                          seconds(rounds, [&] { kernel_gradient(shape, x.data(), gradient.data(), dkernel.data()); })};
  std::printf("  %-10s GFLOP/s", name);
  for (const double time : times) std::printf(" %7.1f", flop / time / 1e9);
  std::printf("    ms");
  for (const double time : times) std::printf(" %7.2f", time * 1e3);
  std::printf("\n");
}

int main(int count, char** words) {
  if (count != 9) return 2;
  int n[8];
  for (int at = 0; at < 8; at++) n[at] = std::atoi(words[at + 1]);
  const ConvShape conv{n[0], n[1], n[2], n[3], n[5], n[4], n[6], 1};
  const Im2colShape direct{n[0], n[1], n[2], n[3], n[5], n[4], n[6]};
  std::printf("%d images %dx%d, %d to %d channels, %dx%d, stride %d\n", n[0], n[1], n[2], n[3], n[5], n[4], n[4], n[6]);
  measure("im2col", conv, direct, n[7]);
  if (FewInputsShape{direct}.is_faster()) measure("few inputs", conv, FewInputsShape{direct}, n[7]);
  if (conv.has_few_outputs()) measure("kn2row", conv, Kn2rowShape{n[0], n[1], n[2], n[3], n[5]}, n[7]);
  if (WinogradShape{direct}.is_supported()) measure("winograd", conv, WinogradShape{direct}, n[7]);
}
