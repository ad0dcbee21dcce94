/*
 * A 3×3 convolution, padding `same`, of the nearest upsampling ×2 of an image, and its gradients.
 *
 * A tile of 2×2 inputs makes 4×4 outputs. Five products make the four outputs of an axis (upsampled_transforms.h), so 25 make those
 * of a tile, for each pair of channels. Each of the 25 is a matrix product over many tiles, of differences of inputs with sums of
 * taps. A direct convolution has 144 products for a tile, a folded kernel 64, kn2row 36. The method is minimal filtering, F(2, 2)
 * for the even and for the odd outputs (Winograd 1980; Lavin and Gray 2016, section 4.1), which share one product. The gradients
 * take the same steps in reverse.
 */
#pragma once
#include <algorithm>
#include "pack.h"
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"
#include "upsampled_tiles.h"

namespace pipe {

/** Tiles of a unit of work, whose matrices fit into a core's second-level cache; more of them where products are summed up. */
constexpr int RANGE_TILES = 32, SUM_TILES = 128;
/** Panels of outputs in a unit of the kernel gradient, and groups of images: small units, so that many threads have work. */
constexpr int SUM_PANELS = 2, MAX_SUM_GROUPS = 4;

/** x [B, H, W, I], kernel [3, 3, I, O]; output [B, 2H, 2W, O]. */
inline void forward(const UpsampledShape& shape, const float* x, const float* kernel, const Finish& finish, float* output) {
  const int panels = ceil_div(shape.outputs, PANEL), depth = shape.inputs;
  const size_t matrix = matrix_size(depth);
  Scratch weights(panels * WEIGHTS_2D * matrix);
  transform_panels(shape, kernel, panels, depth, weights.data(), [&](const float* tap, int panel, float* packed) {
    pack(tap, depth, shape.outputs, panel, packed);
  });
  const int tiles = shape.batch * shape.tiles();
  ThreadPool::shared().parallel_for(ceil_div(tiles, RANGE_TILES), [&](int unit) {
    const TileRange range{shape, unit * RANGE_TILES, std::min(RANGE_TILES, tiles - unit * RANGE_TILES)};
    Scratch differences(DIFFERENCES_2D * range.difference_size()), products(panels * WEIGHTS_2D * range.panel_size());
    read_differences(range, x, differences.data());
    for (int number = 0; number < panels * WEIGHTS_2D; number++) {
      const float* from = &differences[difference_of(number % WEIGHTS_2D) * range.difference_size()];
      const Lhs lhs{from, range.difference_stride(), 1, 1, depth, 0};
      matmul(lhs, range.tiles, &weights[number * matrix], &products[number * range.panel_size()], PANEL, false);
    }
    write_outputs(range, products.data(), finish, output);
  });
}

/** Calls `visit(range)` for the tiles of `images` images from `image` on, at most `most` at a time. */
template <class Visit>
inline void each_tile_range(const UpsampledShape& shape, int image, int images, int most, const Visit& visit) {
  const int end = (image + images) * shape.tiles();
  for (int first = image * shape.tiles(); first < end; first += most) visit(TileRange{shape, first, std::min(most, end - first)});
}

/** gradient [B, 2H, 2W, O] of the output, kernel [3, 3, I, O]; result [B, H, W, I], the gradient of x. */
inline void input_gradient(const UpsampledShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = ceil_div(shape.inputs, PANEL), out_panels = ceil_div(shape.outputs, PANEL), depth = out_panels * PANEL;
  const size_t matrix = matrix_size(depth);
  Scratch weights(panels * WEIGHTS_2D * matrix);
  transform_panels(shape, kernel, panels, depth, weights.data(), [&](const float* tap, int panel, float* packed) {
    pack_transposed(tap, shape.outputs, shape.inputs, shape.outputs, panel, depth, packed);
  });
  // A unit has whole images: neighbouring tiles add to the same inputs.
  const int most = std::clamp(RANGE_TILES / shape.tiles(), 1, shape.batch);
  ThreadPool::shared().parallel_for(ceil_div(shape.batch, most), [&](int unit) {
    const int image = unit * most, images = std::min(most, shape.batch - image);
    std::fill_n(result + image * shape.in_size(), images * shape.in_size(), 0.0f);
    each_tile_range(shape, image, images, RANGE_TILES, [&](const TileRange& range) {
      const size_t size = range.panel_size();
      Scratch products(out_panels * WEIGHTS_2D * size), differences(DIFFERENCES_2D * size);
      read_product_gradients(range, gradient, 0, shape.outputs, products.data());
      for (int panel = 0; panel < panels; panel++) {
        bool has_sum[DIFFERENCES_2D] = {};
        for (int weight = 0; weight < WEIGHTS_2D; weight++) {
          const int difference = difference_of(weight);
          const Lhs lhs{&products[weight * size], PANEL, 1, out_panels, PANEL, static_cast<ptrdiff_t>(WEIGHTS_2D * size)};
          matmul(lhs, range.tiles, &weights[(panel * WEIGHTS_2D + weight) * matrix], &differences[difference * size], PANEL,
                 has_sum[difference]);
          has_sum[difference] = true;
        }
        add_input_gradients(range, differences.data(), std::min(PANEL, shape.inputs - panel * PANEL), result + panel * PANEL);
      }
    });
  });
}

/** x [B, H, W, I], gradient [B, 2H, 2W, O] of the output; result [3, 3, I, O], the gradient of the kernel. */
inline void kernel_gradient(const UpsampledShape& shape, const float* x, const float* gradient, float* result) {
  const int panels = ceil_div(shape.outputs, PANEL), chunks = ceil_div(panels, SUM_PANELS), inputs = shape.inputs;
  // Sums of groups of images, as many for every number of threads, so that the result has the same bits.
  const int groups = std::min(shape.batch, MAX_SUM_GROUPS);
  const size_t matrix = matrix_size(inputs), group_size = panels * WEIGHTS_2D * matrix;
  Scratch sums(groups * group_size);
  ThreadPool::shared().parallel_for(groups * chunks, [&](int unit) {
    const int group = unit / chunks, begin = unit % chunks * SUM_PANELS, count = std::min(SUM_PANELS, panels - begin);
    const int image = group * shape.batch / groups, images = (group + 1) * shape.batch / groups - image;
    bool has_sum = false;
    each_tile_range(shape, image, images, SUM_TILES, [&](const TileRange& range) {
      const int stride = range.difference_stride(), outputs = std::min(count * PANEL, shape.outputs - begin * PANEL);
      Scratch differences(DIFFERENCES_2D * range.difference_size()), products(count * WEIGHTS_2D * range.panel_size());
      read_differences(range, x, differences.data());
      read_product_gradients(range, gradient, begin * PANEL, outputs, products.data());
      for (int weight = 0; weight < WEIGHTS_2D; weight++)
        for (int panel = 0; panel < count; panel++) {
          float* to = &sums[group * group_size + ((begin + panel) * WEIGHTS_2D + weight) * matrix];
          const float* from = &differences[difference_of(weight) * range.difference_size()];
          for (int input = 0; input < inputs; input += ROWS) {
            const Lhs transposed{from + input, 1, stride, 1, range.tiles, 0};
            matmul(transposed, std::min(ROWS, inputs - input), &products[(panel * WEIGHTS_2D + weight) * range.panel_size()],
                   to + input * PANEL, PANEL, has_sum);
          }
        }
      has_sum = true;
    });
  });
  ThreadPool::shared().parallel_for(inputs, [&](int input) {
    for (int first = 0; first < shape.outputs; first += LANES) {
      const float* from = &sums[channel_offset(first, WEIGHTS_2D * matrix) + static_cast<size_t>(input) * PANEL];
      transform_2d<WEIGHTS, AXIS_TAPS>(
          on_axis(transform_kernel_gradient, false),
          [&](int row, int column) {
            Vector total{};
            for (int group = 0; group < groups; group++) total += load(from + group * group_size + (row * WEIGHTS + column) * matrix);
            return total;
          },
          [&](int row, int column, Vector vector) {
            const size_t tap = row * AXIS_TAPS + column;
            store(result + (tap * inputs + input) * shape.outputs + first, vector, shape.outputs - first);
          });
    }
  });
}

}  // namespace pipe
