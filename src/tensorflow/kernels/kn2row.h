/*
 * A 3×3 convolution, stride 1, padding `same`, to few outputs, and its gradients, by kn2row: each input pixel is multiplied once
 * with all nine taps, as one matrix product, and the products are then added to the outputs that they belong to. A layer with three
 * outputs, such as a generator's last one, becomes a product with 27 columns. The gradients take the same steps in reverse.
 *
 * Products are stored in panels (tile.h), their columns ordered by tap and then output.
 */
#pragma once
#include <algorithm>
#include <type_traits>
#include "finish.h"
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"

namespace pipe {

struct Kn2rowShape {
  int batch, height, width, inputs, outputs;

  size_t in_size() const { return static_cast<size_t>(height) * width * inputs; }
  size_t out_size() const { return static_cast<size_t>(height) * width * outputs; }
  /** Columns of the products. */
  int columns() const { return 9 * outputs; }
  int panels() const { return ceil_div(columns(), PANEL); }
  /** Rows of an image in a band: their products fit into a core's second-level cache. */
  int band_rows() const { return std::clamp(20 * 1024 / (panels() * PANEL * width), 1, height); }
  /** Floats of a band's products. */
  size_t products_size() const { return static_cast<size_t>(panels()) * PANEL * band_rows() * width; }
};

/** A band of rows of an image. */
struct Band {
  const Kn2rowShape& shape;
  int first_row, rows;

  int pixels() const { return rows * shape.width; }
  /** Offset of the band in an image of x. */
  size_t input_offset() const { return static_cast<size_t>(first_row) * shape.width * shape.inputs; }
  /** Offset of a pixel's product. */
  size_t product_offset(int tap, int output, int pixel) const {
    const int column = tap * shape.outputs + output;
    return (static_cast<size_t>(column / PANEL) * pixels() + pixel) * PANEL + column % PANEL;
  }
};

/** Calls `visit(band)` for each band of an image. */
template <class Visit>
inline void each_band(const Kn2rowShape& shape, const Visit& visit) {
  for (int row = 0; row < shape.height; row += shape.band_rows())
    visit(Band{shape, row, std::min(shape.band_rows(), shape.height - row)});
}

/** Calls `work` with the number of outputs as a constant: 3, as images have, or 0 for any other number. */
template <class Work>
inline void with_outputs(int outputs, const Work& work) {
  if (outputs == 3) work(std::integral_constant<int, 3>());
  else work(std::integral_constant<int, 0>());
}

/**
 * Adds a band's products to an image of the output. The first products of an output row come from the input row above it, by the
 * kernel's upper taps; those of the first output row come from the first input row, by the middle taps.
 */
template <int COUNT>
inline void scatter_products(const Band& band, const float* products, float* output) {
  const Kn2rowShape& shape = band.shape;
  const int outputs = COUNT == 0 ? shape.outputs : COUNT;
  for (int row = 0; row < band.rows; row++)
    for (int taps = 0; taps < 3; taps++) {
      const int y = band.first_row + row + 1 - taps;
      if (y < 0 || y >= shape.height) continue;
      const bool accumulate = taps == 2 || (taps == 1 && y > 0);
      float* to = output + static_cast<size_t>(y) * shape.width * outputs;
      for (int x = 0; x < shape.width; x++, to += outputs) {
        float sums[LANES];
        for (int at = 0; at < outputs; at++) sums[at] = accumulate ? to[at] : 0;
        for (int tap = 0; tap < 3; tap++) {
          const int column = x + tap - 1;
          if (column < 0 || column >= shape.width) continue;
          for (int at = 0; at < outputs; at++) sums[at] += products[band.product_offset(3 * taps + tap, at, row * shape.width + column)];
        }
        for (int at = 0; at < outputs; at++) to[at] = sums[at];
      }
    }
}

/** The gradients of a band's products, each that of the output which it was added to; padding columns are zero. */
template <int COUNT>
inline void gather_products(const Band& band, const float* gradient, float* products) {
  const Kn2rowShape& shape = band.shape;
  const int outputs = COUNT == 0 ? shape.outputs : COUNT;
  std::fill_n(products, static_cast<size_t>(shape.panels()) * PANEL * band.pixels(), 0.0f);
  for (int row = 0; row < band.rows; row++)
    for (int tap = 0; tap < 9; tap++) {
      const int y = band.first_row + row + 1 - tap / 3;
      if (y < 0 || y >= shape.height) continue;
      for (int column = 0; column < shape.width; column++) {
        const int x = column + 1 - tap % 3;
        if (x < 0 || x >= shape.width) continue;
        const float* from = gradient + (static_cast<size_t>(y) * shape.width + x) * outputs;
        for (int at = 0; at < outputs; at++) products[band.product_offset(tap, at, row * shape.width + column)] = from[at];
      }
    }
}

inline void gather(const Band& band, const float* gradient, float* products) {
  with_outputs(band.shape.outputs, [&](auto count) { gather_products<count()>(band, gradient, products); });
}

/** Calls `visit(input, column, value)` for each value of a kernel [3, 3, I, O]; `column` is the column of the products. */
template <class Visit>
inline void each_tap(const Kn2rowShape& shape, const float* kernel, const Visit& visit) {
  for (int tap = 0; tap < 9; tap++)
    for (int input = 0; input < shape.inputs; input++)
      for (int output = 0; output < shape.outputs; output++) visit(input, tap * shape.outputs + output, *kernel++);
}

/** x [B, H, W, I], kernel [3, 3, I, O]; output [B, H, W, O]. */
inline void forward(const Kn2rowShape& shape, const float* x, const float* kernel, const Finish& finish, float* output) {
  const size_t panel_size = static_cast<size_t>(shape.inputs) * PANEL;
  Scratch taps(panel_size * shape.panels());
  std::fill_n(taps.data(), panel_size * shape.panels(), 0.0f);
  each_tap(shape, kernel, [&](int input, int column, float value) {
    taps[column / PANEL * panel_size + static_cast<size_t>(input) * PANEL + column % PANEL] = value;
  });
  ThreadPool::shared().parallel_for(shape.batch, [&](int image) {
    Scratch products(shape.products_size());
    each_band(shape, [&](const Band& band) {
      const Lhs lhs{x + image * shape.in_size() + band.input_offset(), shape.inputs, 1, 1, shape.inputs, 0};
      for (int panel = 0; panel < shape.panels(); panel++)
        matmul(lhs, band.pixels(), &taps[panel * panel_size], &products[static_cast<size_t>(panel) * band.pixels() * PANEL], PANEL,
                false);
      with_outputs(shape.outputs, [&](auto count) {
        scatter_products<count()>(band, products.data(), output + image * shape.out_size());
      });
    });
    finish.finish(output + image * shape.out_size(), shape.height * shape.width, shape.outputs, 0, shape.outputs);
  });
}

/** gradient [B, H, W, O] of the output, kernel [3, 3, I, O]; result [B, H, W, I], the gradient of x. */
inline void input_gradient(const Kn2rowShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = ceil_div(shape.inputs, PANEL);
  const size_t panel_size = static_cast<size_t>(shape.panels()) * PANEL * PANEL;
  Scratch taps(panel_size * panels);
  std::fill_n(taps.data(), panel_size * panels, 0.0f);
  each_tap(shape, kernel, [&](int input, int column, float value) {
    taps[input / PANEL * panel_size + static_cast<size_t>(column) * PANEL + input % PANEL] = value;
  });
  ThreadPool::shared().parallel_for(shape.batch, [&](int image) {
    Scratch products(shape.products_size()), buffer(static_cast<size_t>(shape.band_rows()) * shape.width * PANEL);
    each_band(shape, [&](const Band& band) {
      gather(band, gradient + image * shape.out_size(), products.data());
      float* to = result + image * shape.in_size() + band.input_offset();
      const Lhs lhs{products.data(), PANEL, 1, shape.panels(), PANEL, static_cast<ptrdiff_t>(band.pixels()) * PANEL};
      for (int panel = 0; panel < panels; panel++)
        matmul_columns(lhs, band.pixels(), &taps[panel * panel_size], to + panel * PANEL, shape.inputs,
                     std::min(PANEL, shape.inputs - panel * PANEL), buffer.data());
    });
  });
}

/** A band of x, transposed in blocks: [inputs / ROWS][pixels][ROWS], since a cache holds few pixels of x as it is. */
inline void transpose_band(const float* x, int inputs, int pixels, float* transposed) {
  for (int input = 0; input < inputs; input += ROWS)
    for (int pixel = 0; pixel < pixels; pixel++, transposed += ROWS)
      copy_row(x + static_cast<size_t>(pixel) * inputs + input, std::min(ROWS, inputs - input), transposed);
}

/** x [B, H, W, I], gradient [B, H, W, O] of the output; result [3, 3, I, O], the gradient of the kernel. */
inline void kernel_gradient(const Kn2rowShape& shape, const float* x, const float* gradient, float* result) {
  // Sums of groups of images, as many for every number of threads, so that the result has the same bits.
  constexpr int MAX_GROUPS = 16;
  const int groups = std::min(shape.batch, MAX_GROUPS);
  const size_t panel_size = static_cast<size_t>(shape.inputs) * PANEL, sum = panel_size * shape.panels();
  Scratch sums(sum * groups);
  ThreadPool::shared().parallel_for(groups, [&](int group) {
    bool has_sum = false;
    Scratch products(shape.products_size());
    Scratch transposed(static_cast<size_t>(ceil_div(shape.inputs, ROWS)) * ROWS * shape.band_rows() * shape.width);
    for (int image = group * shape.batch / groups; image < (group + 1) * shape.batch / groups; image++)
      each_band(shape, [&](const Band& band) {
        gather(band, gradient + image * shape.out_size(), products.data());
        transpose_band(x + image * shape.in_size() + band.input_offset(), shape.inputs, band.pixels(), transposed.data());
        for (int panel = 0; panel < shape.panels(); panel++)
          for (int input = 0; input < shape.inputs; input += ROWS) {
            const Lhs lhs{&transposed[static_cast<size_t>(input) * band.pixels()], 1, ROWS, 1, band.pixels(), 0};
            matmul(lhs, std::min(ROWS, shape.inputs - input), &products[static_cast<size_t>(panel) * band.pixels() * PANEL],
                    &sums[group * sum + panel * panel_size + static_cast<size_t>(input) * PANEL], PANEL, has_sum);
          }
        has_sum = true;
      });
  });
  for (int tap = 0; tap < 9; tap++)
    for (int input = 0; input < shape.inputs; input++)
      for (int output = 0; output < shape.outputs; output++) {
        const int column = tap * shape.outputs + output;
        float total = 0;
        for (int group = 0; group < groups; group++)
          total += sums[group * sum + column / PANEL * panel_size + static_cast<size_t>(input) * PANEL + column % PANEL];
        *result++ = total;
      }
}

}  // namespace pipe
