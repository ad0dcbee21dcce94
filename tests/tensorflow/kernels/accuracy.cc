// Prints the rounding errors of minimal filtering and of im2col for the sizes in the arguments: root mean squares relative to that of
// the result in float64, for the output, the gradient of x and the gradient of the kernel.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>
#include "winograd.h"

using namespace pipe;

static std::vector<float> drawn(size_t size, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float& value : values) value = normal(random);
  return values;
}

struct Sizes {
  size_t x, kernel, output;
  explicit Sizes(const Im2colShape& shape)
      : x(static_cast<size_t>(shape.batch) * shape.height * shape.width * shape.inputs),
        kernel(static_cast<size_t>(shape.depth()) * shape.outputs),
        output(static_cast<size_t>(shape.pixels()) * shape.outputs) {}
};

/** Output and gradients. */
template <class Float>
struct Results {
  std::vector<Float> output, x, kernel;
  explicit Results(const Sizes& sizes) : output(sizes.output), x(sizes.x), kernel(sizes.kernel) {}
};

/** A direct convolution and its gradients in float64. */
static Results<double> direct(const Im2colShape& shape, const float* x, const float* kernel, const float* gradient) {
  Results<double> result{Sizes(shape)};
  for (int number = 0; number < shape.pixels(); number++)
    for (int tap = 0; tap < shape.taps(); tap++) {
      const ptrdiff_t offset = OutputPixel(shape, number).input_offset(shape, tap);
      if (offset < 0) continue;
      for (int input = 0; input < shape.inputs; input++)
        for (int output = 0; output < shape.outputs; output++) {
          const size_t at = static_cast<size_t>(number) * shape.outputs + output;
          const size_t weight = (static_cast<size_t>(tap) * shape.inputs + input) * shape.outputs + output;
          result.output[at] += static_cast<double>(x[offset + input]) * kernel[weight];
          result.x[offset + input] += static_cast<double>(gradient[at]) * kernel[weight];
          result.kernel[weight] += static_cast<double>(gradient[at]) * x[offset + input];
        }
    }
  return result;
}

template <class Shape>
static Results<float> computed(const Shape& shape, const float* x, const float* kernel, const float* gradient) {
  Results<float> result{Sizes(shape)};
  forward(shape, x, kernel, Finish{}, result.output.data());
  input_gradient(shape, gradient, kernel, result.x.data());
  kernel_gradient(shape, x, gradient, result.kernel.data());
  return result;
}

static double error(const std::vector<float>& found, const std::vector<double>& exact) {
  double difference = 0, size = 0;
  for (size_t at = 0; at < exact.size(); at++) {
    difference += std::pow(found[at] - exact[at], 2);
    size += std::pow(exact[at], 2);
  }
  return std::sqrt(difference / size);
}

static void print(const Results<float>& found, const Results<double>& exact) {
  std::printf(" %.2e %.2e %.2e", error(found.output, exact.output), error(found.x, exact.x), error(found.kernel, exact.kernel));
}

int main(int, char** words) {
  // batch, height, width, inputs, kernel, outputs, stride
  int n[7];
  for (int& number : n) number = std::atoi(*++words);
  const WinogradShape shape{{n[0], n[1], n[2], n[3], n[5], n[4], n[6]}};
  if (!shape.is_supported()) return 1;
  const Sizes sizes(shape);
  std::mt19937 random(1);
  const auto x = drawn(sizes.x, random), kernel = drawn(sizes.kernel, random), gradient = drawn(sizes.output, random);
  const Results<double> exact = direct(shape, x.data(), kernel.data(), gradient.data());
  print(computed(shape, x.data(), kernel.data(), gradient.data()), exact);
  print(computed<Im2colShape>(shape, x.data(), kernel.data(), gradient.data()), exact);
  std::printf("\n");
}
