/*
 * The gradients of a convolution with few input channels, such as a discriminator's first layer, padding `same`, as matrix products
 * over output pixels (im2col.h). The inputs of all taps are columns of one matrix: 27 for a 3×3 kernel over colours, which fill a
 * vector where those of a single tap do not.
 */
#pragma once
#include <algorithm>
#include "im2col.h"

namespace pipe {

struct FewInputsShape : Im2colShape {
  bool is_faster() const { return inputs < LANES; }
};

/** gradient [B, H/s, W/s, O] of the output, kernel [k, k, I, O]; result [B, H, W, I], the gradient of x. */
inline void input_gradient(const FewInputsShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = ceil_div(shape.depth(), PANEL), stride = panels * PANEL, outputs = shape.outputs;
  const size_t panel_size = static_cast<size_t>(outputs) * PANEL;
  Scratch rhs(panels * panel_size);
  ThreadPool::shared().parallel_for(panels, [&](int panel) {
    pack_transposed(kernel, outputs, shape.depth(), outputs, panel, outputs, &rhs[panel * panel_size]);
  });
  const int image_pixels = shape.out_height() * shape.out_width();
  const size_t image_size = static_cast<size_t>(shape.height) * shape.width * shape.inputs;
  // A unit has a whole image: neighbouring pixels add to the same inputs.
  ThreadPool::shared().parallel_for(shape.batch, [&](int image) {
    std::fill_n(result + image * image_size, image_size, 0.0f);
    constexpr int BAND_PIXELS = 8 * ROWS;
    Scratch products(static_cast<size_t>(BAND_PIXELS) * stride);
    for (int first = image * image_pixels; first < (image + 1) * image_pixels; first += BAND_PIXELS) {
      const int count = std::min(BAND_PIXELS, (image + 1) * image_pixels - first);
      const Lhs lhs{gradient + static_cast<size_t>(first) * outputs, outputs, 1, 1, outputs, 0};
      for (int panel = 0; panel < panels; panel++)
        matmul(lhs, count, &rhs[panel * panel_size], &products[panel * PANEL], stride, false);
      for (int row = 0; row < count; row++) {
        const OutputPixel pixel(shape, first + row);
        const float* from = &products[static_cast<size_t>(row) * stride];
        for (int tap = 0; tap < shape.taps(); tap++, from += shape.inputs) {
          const ptrdiff_t to = pixel.input_offset(shape, tap);
          if (to < 0) continue;
          for (int input = 0; input < shape.inputs; input++) result[to + input] += from[input];
        }
      }
    }
  });
}

/** x [B, H, W, I], gradient [B, H/s, W/s, O] of the output; result [k, k, I, O], the gradient of the kernel. */
inline void kernel_gradient(const FewInputsShape& shape, const float* x, const float* gradient, float* result) {
  const int pixels = shape.pixels(), panels = ceil_div(shape.outputs, PANEL), depth = shape.depth();
  // Sums of groups of bands, as many for every number of threads, so that the result has the same bits.
  constexpr int MAX_GROUPS = 16;
  const int bands = ceil_div(pixels, GRADIENT_PIXELS), groups = std::min(bands, MAX_GROUPS);
  const size_t panel_size = static_cast<size_t>(depth) * PANEL, size = panels * panel_size;
  Scratch sums(groups * size);
  ThreadPool::shared().parallel_for(groups, [&](int group) {
    Scratch columns(static_cast<size_t>(GRADIENT_PIXELS) * depth), rhs(static_cast<size_t>(GRADIENT_PIXELS) * PANEL);
    const int begin = group * bands / groups;
    for (int band = begin; band < (group + 1) * bands / groups; band++) {
      const int first = band * GRADIENT_PIXELS, count = std::min(GRADIENT_PIXELS, pixels - first);
      im2col(shape, x, first, count, columns.data());
      for (int panel = 0; panel < panels; panel++) {
        pack(gradient + static_cast<size_t>(first) * shape.outputs, count, shape.outputs, panel, rhs.data());
        matmul(Lhs{columns.data(), 1, depth, 1, count, 0}, depth, rhs.data(), &sums[group * size + panel * panel_size], PANEL,
               band > begin);
      }
    }
  });
  ThreadPool::shared().parallel_for(depth, [&](int row) {
    for (int output = 0; output < shape.outputs; output += LANES) {
      const float* from = &sums[output / PANEL * panel_size + static_cast<size_t>(row) * PANEL + output % PANEL];
      Vector total = load(from);
      for (int group = 1; group < groups; group++) total += load(from + group * size);
      store(result + static_cast<size_t>(row) * shape.outputs + output, total, shape.outputs - output);
    }
  });
}

}  // namespace pipe
