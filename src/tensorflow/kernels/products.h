/*
 * A 3×3 convolution, stride 1, padding `same`, of an image or of its nearest upsampling ×2, with its gradients.
 *
 * Every pixel of the input is multiplied once with each of the nine taps (a matrix product), and the products are added up where
 * the output needs them. Upsampled pixels are equal by fours, so that saves three quarters of the multiplications: 9 for
 * each input pixel and pair of channels instead of 36, or of the 16 of a folded kernel. The gradients are the same
 * backwards. And a layer with few outputs, such as the last one of a generator, becomes nine times as wide a product.
 */
#pragma once
#include <algorithm>
#include "scratch.h"
#include "spread.h"
#include "threads.h"
#include "tile.h"

namespace pipe {

/** Calls `visit(input, column, value)` for a block's part of the kernel [3, 3, I, O]; `column` is that of the products. */
template <class Visit>
inline void kernel_part(const ProductShape& shape, const Blocks& blocks, int block, const float* kernel, const Visit& visit) {
  for (int tap = 0; tap < TAPS; tap++)
    for (int input = 0; input < shape.inputs; input++) {
      const float* row = kernel + (static_cast<size_t>(tap) * shape.inputs + input) * shape.outputs + block * blocks.size;
      for (int channel = 0; channel < blocks.channels(shape, block); channel++)
        visit(input, tap * blocks.size + channel, row[channel]);
    }
}

/** A block of the kernel as right factor of `pixels × inputs`: per panel of columns, per input, PANEL columns. */
inline void taps_by_input(const ProductShape& shape, const Blocks& blocks, int block, const float* kernel, float* packed) {
  std::fill_n(packed, static_cast<size_t>(blocks.panels) * shape.inputs * PANEL, 0.0f);
  kernel_part(shape, blocks, block, kernel, [&](int input, int column, float value) {
    packed[(static_cast<size_t>(column / PANEL) * shape.inputs + input) * PANEL + column % PANEL] = value;
  });
}

/** The same as right factor of `pixels × columns`: per panel of inputs, per column, PANEL inputs. */
inline void taps_by_column(const ProductShape& shape, const Blocks& blocks, int block, const float* kernel, float* packed) {
  const int columns = blocks.panels * PANEL;
  std::fill_n(packed, static_cast<size_t>(up(shape.inputs, PANEL)) * columns * PANEL, 0.0f);
  kernel_part(shape, blocks, block, kernel, [&](int input, int column, float value) {
    packed[(static_cast<size_t>(input / PANEL) * columns + column) * PANEL + input % PANEL] = value;
  });
}

/** x [B, H, W, I], kernel [3, 3, I, O]; output [B, uH, uW, O]. */
inline void forward(const ProductShape& shape, const float* x, const float* kernel, float* output) {
  const Blocks blocks(shape);
  const size_t panel_size = static_cast<size_t>(shape.inputs) * PANEL, block_size = panel_size * blocks.panels;
  Scratch taps(block_size * blocks.count);
  Threads::shared().each(blocks.count, [&](int block) {
    taps_by_input(shape, blocks, block, kernel, &taps[block * block_size]);
  });
  Threads::shared().each(shape.batch * blocks.count, [&](int unit) {
    const int image = unit / blocks.count, block = unit % blocks.count;
    Scratch products(products_size(shape, blocks));
    bands(shape, blocks, block, [&](const Band& band) {
      const float* from = x + image * shape.in_size() + static_cast<size_t>(band.first_row) * shape.width * shape.inputs;
      const Left left{from, shape.inputs, 1, 1, shape.inputs, 0};
      for (int panel = 0; panel < blocks.panels; panel++)
        product(left, band.pixels(), &taps[block * block_size + panel * panel_size],
                &products[static_cast<size_t>(panel) * band.pixels() * PANEL], PANEL, false);
      float* target = output + image * shape.out_size() + block * blocks.size;
      with_constants(band.channels, shape.upsample,
                     [&](auto count, auto up) { add_products<count(), up()>(band, products.data(), target); });
    });
  });
}

/** gradient [B, uH, uW, O] of the output; answers that of x. */
inline void input_gradient(const ProductShape& shape, const float* gradient, const float* kernel, float* result) {
  const Blocks blocks(shape);
  const int panels = up(shape.inputs, PANEL);
  const size_t panel_size = static_cast<size_t>(blocks.panels) * PANEL * PANEL, block_size = panel_size * panels;
  Scratch taps(block_size * blocks.count);
  Threads::shared().each(blocks.count, [&](int block) {
    taps_by_column(shape, blocks, block, kernel, &taps[block * block_size]);
  });
  Threads::shared().each(shape.batch, [&](int image) {
    Scratch products(products_size(shape, blocks));
    Scratch narrow(static_cast<size_t>(band_rows(shape, blocks)) * shape.width * PANEL);
    for (int block = 0; block < blocks.count; block++)
      bands(shape, blocks, block, [&](const Band& band) {
        gather(band, gradient + image * shape.out_size() + block * blocks.size, products.data());
        float* to = result + image * shape.in_size() + static_cast<size_t>(band.first_row) * shape.width * shape.inputs;
        const Left left{products.data(), PANEL, 1, blocks.panels, PANEL, static_cast<ptrdiff_t>(band.pixels()) * PANEL};
        for (int panel = 0; panel < panels; panel++)
          product_into(left, band.pixels(), &taps[block * block_size + panel * panel_size], to + panel * PANEL,
                       shape.inputs, std::min(PANEL, shape.inputs - panel * PANEL), block > 0, narrow.data());
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
  const Blocks blocks(shape);
  // Groups of images are summed up by themselves: as many for every number of threads, so that the result is the same.
  const int groups = std::min(shape.batch, up(16, blocks.count));
  const size_t panel_size = static_cast<size_t>(shape.inputs) * PANEL, block_size = panel_size * blocks.panels;
  Scratch sums(block_size * blocks.count * groups);
  Threads::shared().each(groups * blocks.count, [&](int unit) {
    const int group = unit / blocks.count, block = unit % blocks.count;
    float* sum = &sums[unit * block_size];
    bool adds = false;
    Scratch products(products_size(shape, blocks));
    Scratch turned(static_cast<size_t>(up(shape.inputs, ROWS)) * ROWS * band_rows(shape, blocks) * shape.width);
    for (int image = group * shape.batch / groups; image < (group + 1) * shape.batch / groups; image++)
      bands(shape, blocks, block, [&](const Band& band) {
        gather(band, gradient + image * shape.out_size() + block * blocks.size, products.data());
        turn(x + image * shape.in_size() + static_cast<size_t>(band.first_row) * shape.width * shape.inputs, shape.inputs,
             band.pixels(), turned.data());
        for (int panel = 0; panel < blocks.panels; panel++)
          for (int input = 0; input < shape.inputs; input += ROWS) {
            const Left left{&turned[static_cast<size_t>(input) * band.pixels()], 1, ROWS, 1, band.pixels(), 0};
            product(left, std::min(ROWS, shape.inputs - input),
                    &products[static_cast<size_t>(panel) * band.pixels() * PANEL],
                    sum + panel * panel_size + static_cast<size_t>(input) * PANEL, PANEL, adds);
          }
        adds = true;
      });
  });
  Threads::shared().each(blocks.count * TAPS, [&](int unit) {
    const int block = unit / TAPS, tap = unit % TAPS;
    for (int input = 0; input < shape.inputs; input++)
      for (int channel = 0; channel < blocks.channels(shape, block); channel++) {
        const int column = tap * blocks.size + channel;
        const size_t at = (column / PANEL) * panel_size + static_cast<size_t>(input) * PANEL + column % PANEL;
        float total = 0;
        for (int group = 0; group < groups; group++) total += sums[(group * blocks.count + block) * block_size + at];
        result[(static_cast<size_t>(tap) * shape.inputs + input) * shape.outputs + block * blocks.size + channel] = total;
      }
  });
}

}  // namespace pipe
