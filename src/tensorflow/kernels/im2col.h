/*
 * A convolution with any square kernel and stride, padding `same`, and its gradients, as matrix products over output pixels.
 *
 * forward:          [pixels, taps × I] · [taps × I, O]; the left-hand side is im2col's, the inputs under the kernel at each pixel
 * kernel gradient:  the left-hand side transposed, times the gradient of the output
 * input gradient:   [pixels, O] · [O, taps × I]; each product is added to the input that it came from (col2im)
 */
#pragma once
#include <algorithm>
#include <vector>
#include "finish.h"
#include "pack.h"
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"

namespace pipe {

struct Im2colShape {
  int batch, height, width, inputs, outputs, kernel, stride;

  int out_height() const { return ceil_div(height, stride); }
  int out_width() const { return ceil_div(width, stride); }
  /** Output pixels of all images: rows of the left-hand side. */
  int pixels() const { return batch * out_height() * out_width(); }
  int taps() const { return kernel * kernel; }
  /** Columns of the left-hand side. */
  int depth() const { return taps() * inputs; }
  /** Zeros before the first row or column of an axis of `size`, as TensorFlow pads. */
  int padding_before(int size) const { return std::max((ceil_div(size, stride) - 1) * stride + kernel - size, 0) / 2; }
};

/** Panels of channels in a unit of work. */
constexpr int CHUNK_PANELS = 4;
/** Floats of the left-hand side in a unit of work, which fit into a core's second-level cache. */
constexpr int LHS_FLOATS = 64 * 1024;
/** Pixels over which the kernel gradient sums in registers. */
constexpr int GRADIENT_PIXELS = 256;

/** An output pixel, and the position of its first tap in the input, which may lie outside the image. */
struct OutputPixel {
  int image, y, x;
  OutputPixel(const Im2colShape& shape, int number)
      : image(number / (shape.out_height() * shape.out_width())),
        y(number / shape.out_width() % shape.out_height() * shape.stride - shape.padding_before(shape.height)),
        x(number % shape.out_width() * shape.stride - shape.padding_before(shape.width)) {}

  /** Offset in x of the input pixel under a tap; -1 outside the image. */
  ptrdiff_t input_offset(const Im2colShape& shape, int tap) const {
    const int row = y + tap / shape.kernel, column = x + tap % shape.kernel;
    if (row < 0 || row >= shape.height || column < 0 || column >= shape.width) return -1;
    return ((static_cast<ptrdiff_t>(image) * shape.height + row) * shape.width + column) * shape.inputs;
  }
};

/** The inputs under the kernel at `count` output pixels from `first` on: [count, taps, I]. */
inline void im2col(const Im2colShape& shape, const float* x, int first, int count, float* lhs) {
  const int inputs = shape.inputs, row_floats = shape.kernel * inputs;
  for (int number = first; number < first + count; number++) {
    const OutputPixel pixel(shape, number);
    // Taps of a row of the kernel that are inside the image; their inputs are neighbours in memory.
    const int begin = std::clamp(-pixel.x, 0, shape.kernel), end = std::clamp(shape.width - pixel.x, begin, shape.kernel);
    for (int row = pixel.y; row < pixel.y + shape.kernel; row++, lhs += row_floats) {
      if (row < 0 || row >= shape.height) {
        std::fill_n(lhs, row_floats, 0.0f);
        continue;
      }
      const ptrdiff_t from = ((static_cast<ptrdiff_t>(pixel.image) * shape.height + row) * shape.width + pixel.x) * inputs;
      std::fill_n(lhs, begin * inputs, 0.0f);
      std::copy(x + from + begin * inputs, x + from + end * inputs, lhs + begin * inputs);
      std::fill(lhs + end * inputs, lhs + row_floats, 0.0f);
    }
  }
}

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, H/s, W/s, O], rounded up. */
inline void forward(const Im2colShape& shape, const float* x, const float* kernel, const Finish& finish, float* output) {
  const int depth = shape.depth(), panels = ceil_div(shape.outputs, PANEL), chunks = ceil_div(panels, CHUNK_PANELS);
  Scratch rhs(static_cast<size_t>(panels) * depth * PANEL);
  ThreadPool::shared().parallel_for(panels, [&](int panel) {
    pack(kernel, depth, shape.outputs, panel, &rhs[static_cast<size_t>(panel) * depth * PANEL]);
  });
  const int band = std::clamp(LHS_FLOATS / depth / ROWS, 1, ceil_div(shape.pixels(), ROWS)) * ROWS;
  ThreadPool::shared().parallel_for(ceil_div(shape.pixels(), band) * chunks, [&](int unit) {
    const int first = unit / chunks * band, count = std::min(band, shape.pixels() - first);
    Scratch columns(static_cast<size_t>(count) * depth), buffer(static_cast<size_t>(count) * PANEL);
    im2col(shape, x, first, count, columns.data());
    float* rows = output + static_cast<size_t>(first) * shape.outputs;
    const int begin = unit % chunks * CHUNK_PANELS;
    for (int panel = begin; panel < std::min(begin + CHUNK_PANELS, panels); panel++) {
      const Lhs lhs{columns.data(), depth, 1, 1, depth, 0};
      const float* packed = &rhs[static_cast<size_t>(panel) * depth * PANEL];
      const int width = std::min(PANEL, shape.outputs - panel * PANEL);
      matmul_columns(lhs, count, packed, rows + panel * PANEL, shape.outputs, width, buffer.data());
      finish.finish(rows + panel * PANEL, count, shape.outputs, panel * PANEL, width);
    }
  });
}

/** gradient [B, H/s, W/s, O] of the output, kernel [k, k, I, O]; result [B, H, W, I], the gradient of x. */
inline void input_gradient(const Im2colShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = ceil_div(shape.inputs, PANEL), chunks = ceil_div(panels, CHUNK_PANELS);
  // [taps][panels][O][PANEL], panels of inputs.
  Scratch rhs(static_cast<size_t>(shape.taps()) * panels * shape.outputs * PANEL);
  ThreadPool::shared().parallel_for(shape.taps() * panels, [&](int unit) {
    pack_transposed(kernel + static_cast<size_t>(unit / panels) * shape.inputs * shape.outputs, shape.outputs, shape.inputs, shape.outputs,
                    unit % panels, shape.outputs, &rhs[static_cast<size_t>(unit) * shape.outputs * PANEL]);
  });
  const int image_pixels = shape.out_height() * shape.out_width();
  const int images = std::clamp(8 * ROWS / image_pixels, 1, shape.batch);
  const size_t image_size = static_cast<size_t>(shape.height) * shape.width * shape.inputs;
  // A unit has whole images: neighbouring pixels add to the same inputs.
  ThreadPool::shared().parallel_for(ceil_div(shape.batch, images) * chunks, [&](int unit) {
    const int image = unit / chunks * images, last = std::min(image + images, shape.batch);
    const int begin = unit % chunks * CHUNK_PANELS * PANEL, end = std::min(begin + CHUNK_PANELS * PANEL, shape.inputs);
    for (size_t at = image * image_size; at < last * image_size; at += shape.inputs)
      std::fill(result + at + begin, result + at + end, 0.0f);
    // A few tiles at a time, whose products fit into the first-level cache.
    constexpr int BAND_PIXELS = 8 * ROWS;
    Scratch products(BAND_PIXELS * PANEL);
    std::vector<OutputPixel> pixels;
    for (int first = image * image_pixels; first < last * image_pixels; first += BAND_PIXELS) {
      const int count = std::min(BAND_PIXELS, last * image_pixels - first);
      const Lhs lhs{gradient + static_cast<size_t>(first) * shape.outputs, shape.outputs, 1, 1, shape.outputs, 0};
      pixels.clear();
      for (int row = 0; row < count; row++) pixels.emplace_back(shape, first + row);
      for (int tap = 0; tap < shape.taps(); tap++)
        for (int channel = begin; channel < end; channel += PANEL) {
          const size_t panel = static_cast<size_t>(tap) * panels + channel / PANEL;
          matmul(lhs, count, &rhs[panel * shape.outputs * PANEL], products.data(), PANEL, false);
          for (int row = 0; row < count; row++) {
            const ptrdiff_t to = pixels[row].input_offset(shape, tap);
            if (to >= 0) add(result + to + channel, &products[row * PANEL], std::min(PANEL, end - channel));
          }
        }
    }
  });
}

/** x [B, H, W, I], gradient [B, H/s, W/s, O] of the output; result [k, k, I, O], the gradient of the kernel. */
inline void kernel_gradient(const Im2colShape& shape, const float* x, const float* gradient, float* result) {
  const int pixels = shape.pixels(), panels = ceil_div(shape.outputs, PANEL);
  Scratch rhs(static_cast<size_t>(panels) * pixels * PANEL);
  ThreadPool::shared().parallel_for(panels, [&](int panel) {
    pack(gradient, pixels, shape.outputs, panel, &rhs[static_cast<size_t>(panel) * pixels * PANEL]);
  });
  // Each unit sums its own part of the result in the order of the pixels.
  constexpr int CHUNK_INPUTS = 6 * ROWS;
  const int chunks = ceil_div(shape.inputs, CHUNK_INPUTS);
  ThreadPool::shared().parallel_for(shape.taps() * chunks, [&](int unit) {
    const int tap = unit / chunks, begin = unit % chunks * CHUNK_INPUTS, inputs = std::min(CHUNK_INPUTS, shape.inputs - begin);
    // Transposed: [CHUNK_INPUTS / ROWS][pixels][ROWS].
    Scratch columns(static_cast<size_t>(CHUNK_INPUTS) * GRADIENT_PIXELS);
    Scratch sums(static_cast<size_t>(CHUNK_INPUTS) * panels * PANEL);
    for (int first = 0; first < pixels; first += GRADIENT_PIXELS) {
      const int count = std::min(GRADIENT_PIXELS, pixels - first);
      for (int pixel = 0; pixel < count; pixel++) {
        const ptrdiff_t from = OutputPixel(shape, first + pixel).input_offset(shape, tap);
        for (int input = 0; input < inputs; input += ROWS) {
          float* to = &columns[(static_cast<size_t>(input) * GRADIENT_PIXELS) + pixel * ROWS];
          if (from < 0) std::fill_n(to, ROWS, 0.0f);
          else copy_row(x + from + begin + input, std::min(ROWS, inputs - input), to);
        }
      }
      for (int panel = 0; panel < panels; panel++)
        for (int input = 0; input < inputs; input += ROWS) {
          const Lhs transposed{&columns[static_cast<size_t>(input) * GRADIENT_PIXELS], 1, ROWS, 1, count, 0};
          matmul(transposed, std::min(ROWS, inputs - input), &rhs[(static_cast<size_t>(panel) * pixels + first) * PANEL],
                 &sums[(static_cast<size_t>(panel) * CHUNK_INPUTS + input) * PANEL], PANEL, first > 0);
        }
    }
    for (int input = 0; input < inputs; input++)
      for (int panel = 0; panel < panels; panel++)
        std::copy_n(&sums[(static_cast<size_t>(panel) * CHUNK_INPUTS + input) * PANEL],
                    std::min(PANEL, shape.outputs - panel * PANEL),
                    result + (static_cast<size_t>(tap) * shape.inputs + begin + input) * shape.outputs + panel * PANEL);
  });
}

}  // namespace pipe
