/*
 * A 3×3 convolution, stride 1, padding `same`, to few outputs, with its gradients.
 *
 * Every pixel of the input is multiplied once with each of the nine taps (a matrix product), and the products are added up where
 * the output needs them: a layer with three outputs, the last one of a generator, is a product with 27 columns. The gradients are
 * the same backwards.
 *
 * Products are stored in panels (tile.h), their columns in the order (tap, output).
 */
#pragma once
#include <algorithm>
#include <type_traits>
#include "scratch.h"
#include "threads.h"
#include "tile.h"

namespace pipe {

struct ProductShape {
  int batch, height, width, inputs, outputs;

  size_t in_size() const { return static_cast<size_t>(height) * width * inputs; }
  size_t out_size() const { return static_cast<size_t>(height) * width * outputs; }
  int columns() const { return 9 * outputs; }
  int panels() const { return up(columns(), PANEL); }
  /** Rows of an image in work at a time: their products stay in a core's second-level cache. */
  int band_rows() const { return std::clamp(20 * 1024 / (panels() * PANEL * width), 1, height); }
  /** Floats that the products of so many rows take. */
  size_t products_size() const { return static_cast<size_t>(panels()) * PANEL * band_rows() * width; }
};

/** A band of rows of an image. */
struct Band {
  const ProductShape& shape;
  int first_row, rows;

  int pixels() const { return rows * shape.width; }
  /** Floats before the band in the input's image. */
  size_t input() const { return static_cast<size_t>(first_row) * shape.width * shape.inputs; }
  /** Where a pixel's product is. */
  size_t place(int tap, int output, int pixel) const {
    const int column = tap * shape.outputs + output;
    return (static_cast<size_t>(column / PANEL) * pixels() + pixel) * PANEL + column % PANEL;
  }
};

/** Calls `visit(band)` for the bands of an image. */
template <class Visit>
inline void bands(const ProductShape& shape, const Visit& visit) {
  for (int row = 0; row < shape.height; row += shape.band_rows())
    visit(Band{shape, row, std::min(shape.band_rows(), shape.height - row)});
}

/** Calls `work` with the number of outputs, as a constant where it is that of colours, otherwise 0. */
template <class Work>
inline void with_outputs(int outputs, const Work& work) {
  if (outputs == 3) work(std::integral_constant<int, 3>());
  else work(std::integral_constant<int, 0>());
}

/**
 * Adds a band's products to the image of the output. From the top, a row of the output is reached first by the upper taps of the
 * input row above it, or by the middle ones of the first input row.
 */
template <int COUNT>
inline void add_products(const Band& band, const float* products, float* output) {
  const ProductShape& shape = band.shape;
  const int outputs = COUNT == 0 ? shape.outputs : COUNT;
  for (int row = 0; row < band.rows; row++)
    for (int taps = 0; taps < 3; taps++) {
      const int y = band.first_row + row + 1 - taps;
      if (y < 0 || y >= shape.height) continue;
      const bool adds = taps == 2 || (taps == 1 && y > 0);
      float* to = output + static_cast<size_t>(y) * shape.width * outputs;
      for (int x = 0; x < shape.width; x++, to += outputs) {
        float sums[LANES];
        for (int at = 0; at < outputs; at++) sums[at] = adds ? to[at] : 0;
        for (int tap = 0; tap < 3; tap++) {
          const int column = x + tap - 1;
          if (column < 0 || column >= shape.width) continue;
          for (int at = 0; at < outputs; at++) sums[at] += products[band.place(3 * taps + tap, at, row * shape.width + column)];
        }
        for (int at = 0; at < outputs; at++) to[at] = sums[at];
      }
    }
}

/** The gradients of a band's products: that of the output which each product is part of; columns that are padding are zero. */
template <int COUNT>
inline void gather_products(const Band& band, const float* gradient, float* products) {
  const ProductShape& shape = band.shape;
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
        for (int at = 0; at < outputs; at++) products[band.place(tap, at, row * shape.width + column)] = from[at];
      }
    }
}

inline void gather(const Band& band, const float* gradient, float* products) {
  with_outputs(band.shape.outputs, [&](auto count) { gather_products<count()>(band, gradient, products); });
}

/** Calls `visit(input, column, value)` for the kernel [3, 3, I, O]; `column` is that of the products. */
template <class Visit>
inline void each_tap(const ProductShape& shape, const float* kernel, const Visit& visit) {
  for (int tap = 0; tap < 9; tap++)
    for (int input = 0; input < shape.inputs; input++)
      for (int output = 0; output < shape.outputs; output++) visit(input, tap * shape.outputs + output, *kernel++);
}

/** x [B, H, W, I], kernel [3, 3, I, O]; output [B, H, W, O]. */
inline void forward(const ProductShape& shape, const float* x, const float* kernel, float* output) {
  const size_t panel_size = static_cast<size_t>(shape.inputs) * PANEL;
  Scratch taps(panel_size * shape.panels());
  std::fill_n(taps.data(), panel_size * shape.panels(), 0.0f);
  each_tap(shape, kernel, [&](int input, int column, float value) {
    taps[column / PANEL * panel_size + static_cast<size_t>(input) * PANEL + column % PANEL] = value;
  });
  Threads::shared().each(shape.batch, [&](int image) {
    Scratch products(shape.products_size());
    bands(shape, [&](const Band& band) {
      const Left left{x + image * shape.in_size() + band.input(), shape.inputs, 1, 1, shape.inputs, 0};
      for (int panel = 0; panel < shape.panels(); panel++)
        product(left, band.pixels(), &taps[panel * panel_size], &products[static_cast<size_t>(panel) * band.pixels() * PANEL], PANEL,
                false);
      with_outputs(shape.outputs, [&](auto count) {
        add_products<count()>(band, products.data(), output + image * shape.out_size());
      });
    });
  });
}

/** gradient [B, H, W, O] of the output; answers that of x. */
inline void input_gradient(const ProductShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = up(shape.inputs, PANEL);
  const size_t panel_size = static_cast<size_t>(shape.panels()) * PANEL * PANEL;
  Scratch taps(panel_size * panels);
  std::fill_n(taps.data(), panel_size * panels, 0.0f);
  each_tap(shape, kernel, [&](int input, int column, float value) {
    taps[input / PANEL * panel_size + static_cast<size_t>(column) * PANEL + input % PANEL] = value;
  });
  Threads::shared().each(shape.batch, [&](int image) {
    Scratch products(shape.products_size()), narrow(static_cast<size_t>(shape.band_rows()) * shape.width * PANEL);
    bands(shape, [&](const Band& band) {
      gather(band, gradient + image * shape.out_size(), products.data());
      float* to = result + image * shape.in_size() + band.input();
      const Left left{products.data(), PANEL, 1, shape.panels(), PANEL, static_cast<ptrdiff_t>(band.pixels()) * PANEL};
      for (int panel = 0; panel < panels; panel++)
        product_into(left, band.pixels(), &taps[panel * panel_size], to + panel * PANEL, shape.inputs,
                     std::min(PANEL, shape.inputs - panel * PANEL), narrow.data());
    });
  });
}

/** A band of x, turned: per ROWS inputs, per pixel, ROWS inputs. As it lies, a cache would hold few of its pixels. */
inline void turn(const float* x, int inputs, int pixels, float* turned) {
  for (int input = 0; input < inputs; input += ROWS)
    for (int pixel = 0; pixel < pixels; pixel++, turned += ROWS)
      copy_row(x + static_cast<size_t>(pixel) * inputs + input, std::min(ROWS, inputs - input), turned);
}

/** x and the gradient of the output; answers the kernel's [3, 3, I, O]. */
inline void kernel_gradient(const ProductShape& shape, const float* x, const float* gradient, float* result) {
  // Groups of images are summed up by themselves: as many for every number of threads, so that the result is the same.
  const int groups = std::min(shape.batch, 16);
  const size_t panel_size = static_cast<size_t>(shape.inputs) * PANEL, sum = panel_size * shape.panels();
  Scratch sums(sum * groups);
  Threads::shared().each(groups, [&](int group) {
    bool has_sum = false;
    Scratch products(shape.products_size());
    Scratch turned(static_cast<size_t>(up(shape.inputs, ROWS)) * ROWS * shape.band_rows() * shape.width);
    for (int image = group * shape.batch / groups; image < (group + 1) * shape.batch / groups; image++)
      bands(shape, [&](const Band& band) {
        gather(band, gradient + image * shape.out_size(), products.data());
        turn(x + image * shape.in_size() + band.input(), shape.inputs, band.pixels(), turned.data());
        for (int panel = 0; panel < shape.panels(); panel++)
          for (int input = 0; input < shape.inputs; input += ROWS) {
            const Left left{&turned[static_cast<size_t>(input) * band.pixels()], 1, ROWS, 1, band.pixels(), 0};
            product(left, std::min(ROWS, shape.inputs - input), &products[static_cast<size_t>(panel) * band.pixels() * PANEL],
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
