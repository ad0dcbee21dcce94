/*
 * A convolution with any square kernel and stride, padding `same`, with its gradients, as matrix products over output pixels.
 *
 * forward:          [pixels, taps × I] · [taps × I, O], the left factor being the inputs that each output pixel sees
 * kernel gradient:  the same left factor turned, times the output's gradient
 * input gradient:   [pixels, O] · [O, taps × I], each product added to the input that it came from
 */
#pragma once
#include <algorithm>
#include <vector>
#include "pack.h"
#include "scratch.h"
#include "threads.h"
#include "tile.h"

namespace pipe {

struct ColumnShape {
  int batch, height, width, inputs, outputs, kernel, stride;

  int out_height() const { return up(height, stride); }
  int out_width() const { return up(width, stride); }
  int pixels() const { return batch * out_height() * out_width(); }
  int taps() const { return kernel * kernel; }
  /** Rows and columns of the left factor. */
  int columns() const { return taps() * inputs; }
  /** Zeros before the first row or column, as TensorFlow pads. */
  int before(int size) const { return std::max((up(size, stride) - 1) * stride + kernel - size, 0) / 2; }
};

/** Channels in work at a time, in panels. */
constexpr int CHUNK = 4;
/** Floats of the left factor in work at a time, so that they stay in a core's second-level cache. */
constexpr int LEFT = 64 * 1024;
/** Pixels that a kernel gradient adds up in registers. */
constexpr int DEPTH = 256;

/** An output pixel, and the input at its first tap, which may lie outside. */
struct Pixel {
  int image, y, x;
  Pixel(const ColumnShape& shape, int number)
      : image(number / (shape.out_height() * shape.out_width())),
        y(number / shape.out_width() % shape.out_height() * shape.stride - shape.before(shape.height)),
        x(number % shape.out_width() * shape.stride - shape.before(shape.width)) {}

  /** Where the input of a tap begins among all of x; -1 outside. */
  ptrdiff_t input(const ColumnShape& shape, int tap) const {
    const int row = y + tap / shape.kernel, column = x + tap % shape.kernel;
    if (row < 0 || row >= shape.height || column < 0 || column >= shape.width) return -1;
    return ((static_cast<ptrdiff_t>(image) * shape.height + row) * shape.width + column) * shape.inputs;
  }
};

/** What `count` output pixels from `first` on see: [count, taps, I]. */
inline void inputs_of(const ColumnShape& shape, const float* x, int first, int count, float* left) {
  for (int number = first; number < first + count; number++) {
    const Pixel pixel(shape, number);
    for (int tap = 0; tap < shape.taps(); tap++, left += shape.inputs) {
      const ptrdiff_t from = pixel.input(shape, tap);
      if (from < 0) std::fill_n(left, shape.inputs, 0.0f);
      else std::copy_n(x + from, shape.inputs, left);
    }
  }
}

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, H/s, W/s, O]. */
inline void forward(const ColumnShape& shape, const float* x, const float* kernel, float* output) {
  const int depth = shape.columns(), panels = up(shape.outputs, PANEL), chunks = up(panels, CHUNK);
  Scratch right(static_cast<size_t>(panels) * depth * PANEL);
  Threads::shared().each(panels, [&](int panel) {
    pack(kernel, depth, shape.outputs, panel, &right[static_cast<size_t>(panel) * depth * PANEL]);
  });
  const int band = std::clamp(LEFT / depth / ROWS, 1, up(shape.pixels(), ROWS)) * ROWS;
  Threads::shared().each(up(shape.pixels(), band) * chunks, [&](int unit) {
    const int first = unit / chunks * band, count = std::min(band, shape.pixels() - first);
    Scratch left(static_cast<size_t>(count) * depth), narrow(static_cast<size_t>(count) * PANEL);
    inputs_of(shape, x, first, count, left.data());
    float* rows = output + static_cast<size_t>(first) * shape.outputs;
    const int begin = unit % chunks * CHUNK;
    for (int panel = begin; panel < std::min(begin + CHUNK, panels); panel++) {
      const Left from{left.data(), depth, 1, 1, depth, 0};
      const float* columns = &right[static_cast<size_t>(panel) * depth * PANEL];
      product_into(from, count, columns, rows + panel * PANEL, shape.outputs, std::min(PANEL, shape.outputs - panel * PANEL),
                   narrow.data());
    }
  });
}

/** gradient [B, H/s, W/s, O] of the output; answers that of x. */
inline void input_gradient(const ColumnShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = up(shape.inputs, PANEL), chunks = up(panels, CHUNK);
  // Per tap, per panel of inputs, per output: PANEL inputs.
  Scratch right(static_cast<size_t>(shape.taps()) * panels * shape.outputs * PANEL);
  Threads::shared().each(shape.taps() * panels, [&](int unit) {
    pack_turned(kernel + static_cast<size_t>(unit / panels) * shape.inputs * shape.outputs, shape.inputs, shape.outputs,
                unit % panels, shape.outputs, &right[static_cast<size_t>(unit) * shape.outputs * PANEL]);
  });
  const int image_pixels = shape.out_height() * shape.out_width();
  const int images = std::clamp(8 * ROWS / image_pixels, 1, shape.batch);
  const size_t image_size = static_cast<size_t>(shape.height) * shape.width * shape.inputs;
  Threads::shared().each(up(shape.batch, images) * chunks, [&](int unit) {
    const int image = unit / chunks * images, last = std::min(image + images, shape.batch);
    const int begin = unit % chunks * CHUNK * PANEL, end = std::min(begin + CHUNK * PANEL, shape.inputs);
    for (size_t at = image * image_size; at < last * image_size; at += shape.inputs)
      std::fill(result + at + begin, result + at + end, 0.0f);
    // A few rows of tiles at a time, whose products stay in the first-level cache.
    constexpr int MOST = 8 * ROWS;
    Scratch products(MOST * PANEL);
    std::vector<Pixel> pixels;
    for (int first = image * image_pixels; first < last * image_pixels; first += MOST) {
      const int count = std::min(MOST, last * image_pixels - first);
      const Left left{gradient + static_cast<size_t>(first) * shape.outputs, shape.outputs, 1, 1, shape.outputs, 0};
      pixels.clear();
      for (int row = 0; row < count; row++) pixels.emplace_back(shape, first + row);
      for (int tap = 0; tap < shape.taps(); tap++)
        for (int channel = begin; channel < end; channel += PANEL) {
          const size_t panel = static_cast<size_t>(tap) * panels + channel / PANEL;
          product(left, count, &right[panel * shape.outputs * PANEL], products.data(), PANEL, false);
          for (int row = 0; row < count; row++) {
            const ptrdiff_t to = pixels[row].input(shape, tap);
            if (to >= 0) add(result + to + channel, &products[row * PANEL], std::min(PANEL, end - channel));
          }
        }
    }
  });
}

/** x and the gradient of the output; answers the kernel's [k, k, I, O]. */
inline void kernel_gradient(const ColumnShape& shape, const float* x, const float* gradient, float* result) {
  const int pixels = shape.pixels(), panels = up(shape.outputs, PANEL);
  Scratch right(static_cast<size_t>(panels) * pixels * PANEL);
  Threads::shared().each(panels, [&](int panel) {
    pack(gradient, pixels, shape.outputs, panel, &right[static_cast<size_t>(panel) * pixels * PANEL]);
  });
  // Each unit adds up its own part of the result, in the order of the pixels.
  constexpr int MOST_INPUTS = 6 * ROWS;
  const int chunks = up(shape.inputs, MOST_INPUTS);
  Threads::shared().each(shape.taps() * chunks, [&](int unit) {
    const int tap = unit / chunks, begin = unit % chunks * MOST_INPUTS, inputs = std::min(MOST_INPUTS, shape.inputs - begin);
    Scratch left(static_cast<size_t>(MOST_INPUTS) * DEPTH), sums(static_cast<size_t>(MOST_INPUTS) * panels * PANEL);
    for (int first = 0; first < pixels; first += DEPTH) {
      const int count = std::min(DEPTH, pixels - first);
      for (int pixel = 0; pixel < count; pixel++) {
        const ptrdiff_t from = Pixel(shape, first + pixel).input(shape, tap);
        for (int input = 0; input < inputs; input += ROWS) {
          float* to = &left[(static_cast<size_t>(input) * DEPTH) + pixel * ROWS];
          if (from < 0) std::fill_n(to, ROWS, 0.0f);
          else copy_row(x + from + begin + input, std::min(ROWS, inputs - input), to);
        }
      }
      for (int panel = 0; panel < panels; panel++)
        for (int input = 0; input < inputs; input += ROWS) {
          const Left turned{&left[static_cast<size_t>(input) * DEPTH], 1, ROWS, 1, count, 0};
          product(turned, std::min(ROWS, inputs - input), &right[(static_cast<size_t>(panel) * pixels + first) * PANEL],
                  &sums[(static_cast<size_t>(panel) * MOST_INPUTS + input) * PANEL], PANEL, first > 0);
        }
    }
    for (int input = 0; input < inputs; input++)
      for (int panel = 0; panel < panels; panel++)
        std::copy_n(&sums[(static_cast<size_t>(panel) * MOST_INPUTS + input) * PANEL],
                    std::min(PANEL, shape.outputs - panel * PANEL),
                    result + (static_cast<size_t>(tap) * shape.inputs + begin + input) * shape.outputs + panel * PANEL);
  });
}

}  // namespace pipe
