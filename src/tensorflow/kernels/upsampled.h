/*
 * A 3×3 convolution, padding `same`, of the nearest upsampling ×2 of an image, with its gradients.
 *
 * A tile of 2×2 inputs makes 4×4 outputs. Five products make the four outputs of an axis (pairs.h), so 25 those of a tile: each one
 * a matrix product, of differences of inputs with sums of taps, over many tiles. The plain form has 144 for a tile, a folded kernel
 * 64, products by input pixel 36. It is minimal filtering, F(2, 2) for the even and for the odd outputs (Winograd 1980; Lavin and
 * Gray 2016, section 4.1), which have one product in common. The gradients are the same backwards.
 */
#pragma once
#include <algorithm>
#include "pack.h"
#include "pairs.h"
#include "scratch.h"
#include "threads.h"
#include "tile.h"

namespace pipe {

/** On both axes. */
constexpr int ALL_DIFFERENCES = DIFFERENCES * DIFFERENCES, ALL_WEIGHTS = WEIGHTS * WEIGHTS, ALL_TAPS = 9;

struct UpsampledShape {
  int batch, height, width, inputs, outputs;

  int tile_rows() const { return up(height, 2); }
  int tile_columns() const { return up(width, 2); }
  int tiles() const { return tile_rows() * tile_columns(); }
  size_t in_size() const { return static_cast<size_t>(height) * width * inputs; }
  size_t out_size() const { return 4 * static_cast<size_t>(height) * width * outputs; }
};

/** The tiles that are in work at a time, counted through all images. */
struct Run {
  const UpsampledShape& shape;
  int first, tiles;

  /** Floats of a panel of the tiles. A row more than they take, for a cache holds few rows that are a power of two apart. */
  size_t panel() const { return static_cast<size_t>(tiles + 1) * PANEL; }
  /** Floats of a tile's inputs, with a row more for the same reason. */
  int stride() const { return (up(shape.inputs, PANEL) + 1) * PANEL; }
  size_t difference() const { return static_cast<size_t>(tiles) * stride() + PANEL; }
};

/** Where the inputs and outputs of a tile begin, in floats from the start of x and of the output; -1 outside. */
struct Tile {
  ptrdiff_t inputs[INPUTS][INPUTS], outputs[OUTPUTS][OUTPUTS];
  bool is_first_row, is_first_column;

  Tile(const UpsampledShape& shape, int number) {
    const int image = number / shape.tiles(), row = number % shape.tiles() / shape.tile_columns();
    const int column = number % shape.tile_columns();
    is_first_row = row == 0;
    is_first_column = column == 0;
    for (int down = 0; down < INPUTS; down++)
      for (int along = 0; along < INPUTS; along++) {
        const int y = input_place(down, row, shape.tile_rows(), shape.height);
        const int x = input_place(along, column, shape.tile_columns(), shape.width);
        const ptrdiff_t pixel = image * shape.in_size() + static_cast<ptrdiff_t>(y * shape.width + x) * shape.inputs;
        inputs[down][along] = y < 0 || x < 0 ? -1 : pixel;
      }
    for (int down = 0; down < OUTPUTS; down++)
      for (int along = 0; along < OUTPUTS; along++) {
        const int y = output_place(down, row, shape.tile_rows(), 2 * shape.height);
        const int x = output_place(along, column, shape.tile_columns(), 2 * shape.width);
        const ptrdiff_t pixel = image * shape.out_size() + static_cast<ptrdiff_t>(y * 2 * shape.width + x) * shape.outputs;
        outputs[down][along] = y < 0 || x < 0 ? -1 : pixel;
      }
  }
};

/** Some channels from a place, zeros from outside. */
inline Vector load_at(const float* from, ptrdiff_t place, int count) { return place < 0 ? Vector{} : load(from + place, count); }

/** Floats of a matrix of `rows` rows of a panel, with a row more: a cache holds few rows that are a power of two apart. */
inline size_t matrix_size(int rows) { return static_cast<size_t>(rows + 1) * PANEL; }

/** The place of a channel among panels of some size. */
inline size_t in_panels(int channel, size_t panel) { return channel / PANEL * panel + channel % PANEL; }

/** The differences of a run, [4 × 4][tiles][stride]. */
inline void take_differences(const Run& run, const float* x, float* differences) {
  const int inputs = run.shape.inputs;
  for (int number = 0; number < run.tiles; number++) {
    const Tile tile(run.shape, run.first + number);
    for (int first = 0; first < inputs; first += LANES) {
      float* to = differences + static_cast<size_t>(number) * run.stride() + first;
      on_both_axes<INPUTS, DIFFERENCES>(
          axis_differences, tile.is_first_row, tile.is_first_column,
          [&](int down, int along) { return load_at(x + first, tile.inputs[down][along], inputs - first); },
          [&](int down, int along, Vector made) { store(to + (down * DIFFERENCES + along) * run.difference(), made); });
    }
  }
}

/** Adds the gradients of differences, [4 × 4][tiles][PANEL], to those of x, of at most PANEL channels. */
inline void add_differences(const Run& run, const float* differences, int channels, float* result) {
  for (int number = 0; number < run.tiles; number++) {
    const Tile tile(run.shape, run.first + number);
    for (int first = 0; first < channels; first += LANES) {
      const float* from = differences + static_cast<size_t>(number) * PANEL + first;
      on_both_axes<DIFFERENCES, INPUTS>(
          axis_inputs, tile.is_first_row, tile.is_first_column,
          [&](int down, int along) { return load(from + (down * DIFFERENCES + along) * run.panel()); },
          [&](int down, int along, Vector made) {
            float* to = result + first + tile.inputs[down][along];
            if (tile.inputs[down][along] >= 0) store(to, load(to, channels - first) + made, channels - first);
          });
    }
  }
}

/** Makes the outputs of a run from its products, [panel][5 × 5][tiles][PANEL]. */
inline void put_outputs(const Run& run, const float* products, float* output) {
  const int outputs = run.shape.outputs;
  for (int number = 0; number < run.tiles; number++) {
    const Tile tile(run.shape, run.first + number);
    for (int first = 0; first < outputs; first += LANES) {
      const float* from = products + in_panels(first, ALL_WEIGHTS * run.panel()) + static_cast<size_t>(number) * PANEL;
      on_both_axes<WEIGHTS, OUTPUTS>(
          axis_outputs, tile.is_first_row, tile.is_first_column,
          [&](int down, int along) { return load(from + (down * WEIGHTS + along) * run.panel()); },
          [&](int down, int along, Vector made) {
            const ptrdiff_t place = tile.outputs[down][along];
            if (place >= 0) store(output + first + place, made, outputs - first);
          });
    }
  }
}

/** The gradients of the products of a run, [panel][5 × 5][tiles][PANEL], from those of `count` outputs from `begin` on. */
inline void take_products(const Run& run, const float* gradient, int begin, int count, float* products) {
  for (int number = 0; number < run.tiles; number++) {
    const Tile tile(run.shape, run.first + number);
    for (int first = 0; first < up(count, PANEL) * PANEL; first += LANES) {
      float* to = products + in_panels(first, ALL_WEIGHTS * run.panel()) + static_cast<size_t>(number) * PANEL;
      on_both_axes<OUTPUTS, WEIGHTS>(
          axis_products, tile.is_first_row, tile.is_first_column,
          [&](int down, int along) { return load_at(gradient + begin + first, tile.outputs[down][along], count - first); },
          [&](int down, int along, Vector made) { store(to + (down * WEIGHTS + along) * run.panel(), made); });
    }
  }
}

/** The weights, [5 × 5][depth][PANEL], of taps [3 × 3][depth][PANEL]. */
inline void make_weights(const float* taps, int depth, float* weights) {
  const size_t size = matrix_size(depth);
  for (int at = 0; at < depth * PANEL; at += LANES)
    on_both_axes<AXIS_TAPS, WEIGHTS>(
        axis_weights, false, false, [&](int down, int along) { return load(taps + (down * AXIS_TAPS + along) * size + at); },
        [&](int down, int along, Vector made) { store(weights + (down * WEIGHTS + along) * size + at, made); });
}

/** The weights of all panels, [panel][5 × 5][depth][PANEL]; `pack_tap(tap, panel, packed)` packs a tap of the kernel, [I, O]. */
template <class Pack>
inline void make_all_weights(const UpsampledShape& shape, const float* kernel, int panels, int depth, float* weights,
                             const Pack& pack_tap) {
  const size_t matrix = matrix_size(depth);
  Threads::shared().each(panels, [&](int panel) {
    Scratch taps(ALL_TAPS * matrix);
    for (int tap = 0; tap < ALL_TAPS; tap++)
      pack_tap(kernel + static_cast<size_t>(tap) * shape.inputs * shape.outputs, panel, &taps[tap * matrix]);
    make_weights(taps.data(), depth, weights + panel * ALL_WEIGHTS * matrix);
  });
}

/** The difference, of those of both axes, that a weight is multiplied with. */
inline int difference_of(int weight) {
  return DIFFERENCE_OF[weight / WEIGHTS] * DIFFERENCES + DIFFERENCE_OF[weight % WEIGHTS];
}

/** Tiles in work at a time, so that what belongs to them stays in a core's second-level cache; more where they are added up. */
constexpr int RUN_TILES = 32, SUM_TILES = 128;
/** Panels of outputs that a thread adds up at a time, and groups of images: small pieces, so that many threads find work. */
constexpr int SUM_PANELS = 2, GROUPS = 4;

/** x [B, H, W, I], kernel [3, 3, I, O]; output [B, 2H, 2W, O]. */
inline void forward(const UpsampledShape& shape, const float* x, const float* kernel, float* output) {
  const int panels = up(shape.outputs, PANEL), depth = shape.inputs;
  const size_t matrix = matrix_size(depth);
  Scratch weights(panels * ALL_WEIGHTS * matrix);
  make_all_weights(shape, kernel, panels, depth, weights.data(), [&](const float* tap, int panel, float* packed) {
    pack(tap, depth, shape.outputs, panel, packed);
  });
  const int tiles = shape.batch * shape.tiles();
  Threads::shared().each(up(tiles, RUN_TILES), [&](int unit) {
    const Run run{shape, unit * RUN_TILES, std::min(RUN_TILES, tiles - unit * RUN_TILES)};
    Scratch differences(ALL_DIFFERENCES * run.difference()), products(panels * ALL_WEIGHTS * run.panel());
    take_differences(run, x, differences.data());
    for (int number = 0; number < panels * ALL_WEIGHTS; number++) {
      const Left left{&differences[difference_of(number % ALL_WEIGHTS) * run.difference()], run.stride(), 1, 1, depth, 0};
      product(left, run.tiles, &weights[number * matrix], &products[number * run.panel()], PANEL, false);
    }
    put_outputs(run, products.data(), output);
  });
}

/** Calls `visit(run)` for the tiles of some images. */
template <class Visit>
inline void each_run(const UpsampledShape& shape, int image, int images, int most, const Visit& visit) {
  const int end = (image + images) * shape.tiles();
  for (int first = image * shape.tiles(); first < end; first += most) visit(Run{shape, first, std::min(most, end - first)});
}

/** gradient [B, 2H, 2W, O] of the output; answers that of x. */
inline void input_gradient(const UpsampledShape& shape, const float* gradient, const float* kernel, float* result) {
  const int panels = up(shape.inputs, PANEL), out_panels = up(shape.outputs, PANEL), depth = out_panels * PANEL;
  const size_t matrix = matrix_size(depth);
  Scratch weights(panels * ALL_WEIGHTS * matrix);
  make_all_weights(shape, kernel, panels, depth, weights.data(), [&](const float* tap, int panel, float* packed) {
    pack_turned(tap, shape.inputs, shape.outputs, panel, depth, packed);
  });
  // Tiles add to the inputs of their neighbours: a thread has whole images.
  const int most = std::clamp(RUN_TILES / shape.tiles(), 1, shape.batch);
  Threads::shared().each(up(shape.batch, most), [&](int unit) {
    const int image = unit * most, images = std::min(most, shape.batch - image);
    std::fill_n(result + image * shape.in_size(), images * shape.in_size(), 0.0f);
    each_run(shape, image, images, RUN_TILES, [&](const Run& run) {
      Scratch products(out_panels * ALL_WEIGHTS * run.panel()), differences(ALL_DIFFERENCES * run.panel());
      take_products(run, gradient, 0, shape.outputs, products.data());
      for (int panel = 0; panel < panels; panel++) {
        bool has_sum[ALL_DIFFERENCES] = {};
        for (int weight = 0; weight < ALL_WEIGHTS; weight++) {
          const int difference = difference_of(weight);
          const Left left{&products[weight * run.panel()], PANEL, 1, out_panels, PANEL,
                          static_cast<ptrdiff_t>(ALL_WEIGHTS * run.panel())};
          product(left, run.tiles, &weights[(panel * ALL_WEIGHTS + weight) * matrix], &differences[difference * run.panel()], PANEL,
                  has_sum[difference]);
          has_sum[difference] = true;
        }
        add_differences(run, differences.data(), std::min(PANEL, shape.inputs - panel * PANEL), result + panel * PANEL);
      }
    });
  });
}

/** x and the gradient of the output; answers the kernel's [3, 3, I, O]. */
inline void kernel_gradient(const UpsampledShape& shape, const float* x, const float* gradient, float* result) {
  const int panels = up(shape.outputs, PANEL), chunks = up(panels, SUM_PANELS), inputs = shape.inputs;
  // Groups of images are summed up by themselves: as many for every number of threads, so that the result is the same.
  const int groups = std::min(shape.batch, GROUPS);
  const size_t matrix = matrix_size(inputs), sum = panels * ALL_WEIGHTS * matrix;
  Scratch sums(groups * sum);
  Threads::shared().each(groups * chunks, [&](int unit) {
    const int group = unit / chunks, begin = unit % chunks * SUM_PANELS, count = std::min(SUM_PANELS, panels - begin);
    const int image = group * shape.batch / groups, images = (group + 1) * shape.batch / groups - image;
    bool has_sum = false;
    each_run(shape, image, images, SUM_TILES, [&](const Run& run) {
      Scratch differences(ALL_DIFFERENCES * run.difference()), products(count * ALL_WEIGHTS * run.panel());
      take_differences(run, x, differences.data());
      take_products(run, gradient, begin * PANEL, std::min(count * PANEL, shape.outputs - begin * PANEL), products.data());
      for (int weight = 0; weight < ALL_WEIGHTS; weight++)
        for (int panel = 0; panel < count; panel++) {
          float* to = &sums[group * sum + ((begin + panel) * ALL_WEIGHTS + weight) * matrix];
          for (int input = 0; input < inputs; input += ROWS) {
            const Left turned{&differences[difference_of(weight) * run.difference() + input], 1, run.stride(), 1, run.tiles, 0};
            product(turned, std::min(ROWS, inputs - input), &products[(panel * ALL_WEIGHTS + weight) * run.panel()], to + input * PANEL,
                    PANEL, has_sum);
          }
        }
      has_sum = true;
    });
  });
  Threads::shared().each(inputs, [&](int input) {
    for (int first = 0; first < shape.outputs; first += LANES) {
      const float* from = &sums[in_panels(first, ALL_WEIGHTS * matrix) + static_cast<size_t>(input) * PANEL];
      on_both_axes<WEIGHTS, AXIS_TAPS>(
          axis_taps, false, false,
          [&](int down, int along) {
            Vector total{};
            for (int group = 0; group < groups; group++) total += load(from + group * sum + (down * WEIGHTS + along) * matrix);
            return total;
          },
          [&](int down, int along, Vector made) {
            const size_t tap = down * AXIS_TAPS + along;
            store(result + (tap * inputs + input) * shape.outputs + first, made, shape.outputs - first);
          });
    }
  });
}

}  // namespace pipe
