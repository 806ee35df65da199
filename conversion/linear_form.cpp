// The layers: parameters are checked, then every output element is put together from input
// elements. Conventions of shapes and padding are PyTorch's, which NIR refers to.
#include "conversion/linear_form.h"

#include "core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace ranvier::conversion {
namespace {

constexpr std::size_t max_terms = std::size_t{1} << 30;
constexpr std::int64_t max_elements = std::int64_t{1} << 28;

/// A form in the making, element by element.
class Builder {
 public:
  /// `where` begins the messages. Throws Error(capacity) for a shape of too many elements.
  Builder(Shape shape, std::string where) : where_(std::move(where)) {
    double n = 1;
    for (const std::int64_t axis : shape) n *= static_cast<double>(axis);
    if (n > static_cast<double>(max_elements))
      throw Error(
          ErrorKind::capacity,
          fmt::format("{}: gives {}, at most 2^28 elements are accepted", where_, to_text(shape)));
    form_.shape = std::move(shape);
  }

  /// Adds factor times element k of `in` (later by `delay` seconds) to the present element.
  void add(const LinearForm& in, std::int64_t k, double factor, double delay = 0) {
    const auto at = static_cast<std::size_t>(k);
    const double constant = factor * in.constant[at];
    if (delay == 0) constant_ += constant;
    else if (constant != 0) form_.terms.push_back({always_one, 0, constant, delay});
    if (factor == 0) return;
    for (std::size_t t = in.begin[at]; t < in.begin[at + 1]; ++t) {
      form_.terms.push_back(in.terms[t]);
      form_.terms.back().weight *= factor;
      form_.terms.back().delay += delay;
    }
  }
  void add_constant(double value) { constant_ += value; }

  /// The present element is whole.
  void next() {
    merge(form_.begin.back());
    if (form_.terms.size() > max_terms)
      throw Error(ErrorKind::capacity, fmt::format("{}: more than 2^30 connections", where_));
    form_.begin.push_back(form_.terms.size());
    form_.constant.push_back(constant_);
    constant_ = 0;
  }
  LinearForm take() { return std::move(form_); }

 private:
  static auto key(const Term& t) { return std::tie(t.population, t.neuron, t.delay); }

  void merge(std::size_t from) {
    const auto begin = form_.terms.begin() + static_cast<std::ptrdiff_t>(from);
    std::stable_sort(begin, form_.terms.end(),
                     [](const Term& a, const Term& b) { return key(a) < key(b); });
    std::size_t kept = from;
    for (std::size_t t = from; t < form_.terms.size(); ++t) {
      if (kept > from && key(form_.terms[kept - 1]) == key(form_.terms[t]))
        form_.terms[kept - 1].weight += form_.terms[t].weight;
      else form_.terms[kept++] = form_.terms[t];
    }
    form_.terms.resize(kept);
  }

  std::string where_;
  LinearForm form_;
  double constant_ = 0;
};

/// A layer's parameters, checked as they are asked for.
class Layer {
 public:
  explicit Layer(const GraphNode& node) : node_(node) {}

  std::string where() const { return fmt::format("node \"{}\" ({})", node_.name, node_.type); }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::range, fmt::format("{}: {}", where(), what));
  }
  const Tensor& tensor(const char* name) const {
    const auto found = node_.tensors.find(name);
    if (found == node_.tensors.end())
      fail(fmt::format("{}: {}", name, has_text(name) ? "a text, must be numbers" : "missing"));
    for (const double x : found->second.values)
      if (!std::isfinite(x)) fail(fmt::format("{}: {}, must be finite", name, x));
    return found->second;
  }
  const Tensor& tensor(const char* name, std::size_t rank) const {
    const Tensor& t = tensor(name);
    if (t.shape.size() != rank)
      fail(fmt::format("{}: shape {}, must have {} axes", name, to_text(t.shape), rank));
    return t;
  }
  std::string text(const char* name) const {
    const auto found = node_.texts.find(name);
    return found == node_.texts.end() ? "" : found->second;
  }
  bool has_text(const char* name) const { return node_.texts.count(name) > 0; }
  bool has(const char* name) const { return node_.tensors.count(name) > 0; }
  std::int64_t integer(const char* name, std::int64_t low) const { return pair(name, low)[0]; }
  /// One or two whole numbers, of at least `low` each; one stands for both.
  std::array<std::int64_t, 2> pair(const char* name, std::int64_t low) const {
    const Tensor& t = tensor(name);
    if (t.values.size() != 1 && t.values.size() != 2)
      fail(fmt::format("{}: {} numbers, must be one or two", name, t.values.size()));
    std::array<std::int64_t, 2> out{};
    for (std::size_t i = 0; i < 2; ++i) {
      const double x = t.values[t.values.size() == 1 ? 0 : i];
      if (!(x == std::trunc(x) && x >= static_cast<double>(low) && x < 0x1p31))
        fail(fmt::format("{}: {}, must be a whole number >= {}", name, x, low));
      out[i] = static_cast<std::int64_t>(x);
    }
    return out;
  }
  void need_input(const LinearForm& in, const Shape& shape) const {
    if (in.shape != shape)
      fail(
          fmt::format("its input has the shape {}, must be {}", to_text(in.shape), to_text(shape)));
  }

 private:
  const GraphNode& node_;
};

/// y = W x (+ b); leading axes of W are those of independent matrices.
LinearForm apply_matrix(const Layer& layer, const LinearForm& in, bool affine) {
  const Tensor& w = layer.tensor("weight");
  if (w.shape.size() < 2)
    layer.fail(fmt::format("weight: shape {}, must have two axes or more", to_text(w.shape)));
  const std::int64_t columns = w.shape.back(), rows = w.shape[w.shape.size() - 2];
  Shape leading(w.shape.begin(), w.shape.end() - 2), from = leading, to = leading;
  from.push_back(columns);
  to.push_back(rows);
  layer.need_input(in, from);
  const Tensor none;
  const Tensor& bias = affine ? layer.tensor("bias") : none;
  if (affine && static_cast<std::int64_t>(bias.values.size()) != elements(to) &&
      static_cast<std::int64_t>(bias.values.size()) != rows)
    layer.fail(fmt::format("bias: shape {}, must be {}", to_text(bias.shape), to_text(to)));
  Builder out(to, layer.where());
  const std::int64_t n = elements(to);
  for (std::int64_t o = 0; o < n; ++o) {
    for (std::int64_t i = 0; i < columns; ++i)
      out.add(in, o / rows * columns + i, w.values[static_cast<std::size_t>(o * columns + i)]);
    if (affine) out.add_constant(bias.values[static_cast<std::size_t>(o) % bias.values.size()]);
    out.next();
  }
  return out.take();
}

/// Element by element: a factor, or a delay in seconds.
LinearForm apply_elementwise(const Layer& layer, const LinearForm& in, const char* parameter,
                             bool delays) {
  const Tensor& t = layer.tensor(parameter);
  if (t.values.size() != 1) layer.need_input(in, t.shape);
  Builder out(in.shape, layer.where());
  for (std::int64_t k = 0; k < in.size(); ++k) {
    const double x = t.values[t.values.size() == 1 ? 0 : static_cast<std::size_t>(k)];
    if (delays && !(x >= 0 && x < 1e9))
      layer.fail(fmt::format("{}: {} s, must be >= 0", parameter, x));
    if (delays) out.add(in, k, 1, x);
    else out.add(in, k, x);
    out.next();
  }
  return out.take();
}

/// One axis of a window that slides over an input.
struct Sliding {
  std::int64_t in, kernel, stride, before, dilation, out;
  /// The input's place under tap k of output o, or -1 in the padding.
  std::int64_t place(std::int64_t o, std::int64_t k) const {
    const std::int64_t at = o * stride - before + k * dilation;
    return at >= 0 && at < in ? at : -1;
  }
  /// The input's places [first, last) under an undilated window.
  std::int64_t first(std::int64_t o) const {
    return std::max(std::int64_t{0}, o * stride - before);
  }
  std::int64_t last(std::int64_t o) const { return std::min(in, o * stride - before + kernel); }
};

Sliding sliding(const Layer& layer, std::int64_t in, std::int64_t kernel, std::int64_t stride,
                std::int64_t dilation, std::int64_t padding, const std::string& named) {
  const std::int64_t span = dilation * (kernel - 1);
  if (named == "same") {
    if (stride != 1) layer.fail("padding \"same\" needs a stride of 1");
    return {in, kernel, stride, span / 2, dilation, in};
  }
  if (!named.empty() && named != "valid")
    layer.fail(fmt::format("padding: \"{}\", must be same, valid or numbers", named));
  const std::int64_t room = in + 2 * padding - span - 1;
  if (room < 0)
    layer.fail(
        fmt::format("a window of {} does not fit into {} with padding {}", span + 1, in, padding));
  return {in, kernel, stride, padding, dilation, room / stride + 1};
}

/// The two axes; a missing first one (Conv1d, an input without channels' rows) counts as length 1.
struct Plane {
  Sliding y, x;
};

LinearForm apply_convolution(const Layer& layer, const LinearForm& in, bool two) {
  const Tensor& w = layer.tensor("weight", two ? 4 : 3);
  const std::int64_t n_out = w.shape[0], per_group = w.shape[1], kernel_x = w.shape.back(),
                     kernel_y = two ? w.shape[2] : 1, groups = layer.integer("groups", 1);
  if (n_out % groups != 0)
    layer.fail(fmt::format("groups: {}, must divide the {} output channels", groups, n_out));
  if (in.shape.size() != (two ? 3u : 2u) || in.shape[0] != per_group * groups)
    layer.fail(fmt::format("its input has the shape {}, must be [{}, {}]", to_text(in.shape),
                           per_group * groups, two ? "height, width" : "length"));
  const Tensor& bias = layer.tensor("bias", 1);
  if (bias.shape[0] != n_out)
    layer.fail(fmt::format("bias: {} numbers, must be {}", bias.shape[0], n_out));
  const std::string named = layer.text("padding");
  const std::array<std::int64_t, 2> none{};
  const auto stride = layer.pair("stride", 1), dilation = layer.pair("dilation", 1),
             padding = named.empty() ? layer.pair("padding", 0) : none;
  const Sliding x = sliding(layer, in.shape.back(), kernel_x, stride[1], dilation[1], padding[1],
                            named),
                y = two ? sliding(layer, in.shape[1], kernel_y, stride[0], dilation[0], padding[0],
                                  named)
                        : Sliding{1, 1, 1, 0, 1, 1};
  Builder out(two ? Shape{n_out, y.out, x.out} : Shape{n_out, x.out}, layer.where());
  for (std::int64_t o = 0; o < n_out * y.out * x.out; ++o) {
    const std::int64_t channel = o / (y.out * x.out), oy = o / x.out % y.out, ox = o % x.out,
                       first = channel / (n_out / groups) * per_group;
    for (std::int64_t k = 0; k < per_group * kernel_y * kernel_x; ++k) {
      const std::int64_t iy = y.place(oy, k / kernel_x % kernel_y), ix = x.place(ox, k % kernel_x);
      if (iy < 0 || ix < 0) continue;
      const std::int64_t from = first + k / (kernel_y * kernel_x);
      out.add(in, (from * y.in + iy) * x.in + ix,
              w.values[static_cast<std::size_t>(channel * per_group * kernel_y * kernel_x + k)]);
    }
    out.add_constant(bias.values[static_cast<std::size_t>(channel)]);
    out.next();
  }
  return out.take();
}

/// Sums or means of windows; a mean is over the whole window, padding included.
LinearForm apply_pooling(const Layer& layer, const LinearForm& in, bool mean) {
  if (in.shape.size() != 3)
    layer.fail(fmt::format("its input has the shape {}, must be [channels, height, width]",
                           to_text(in.shape)));
  const auto kernel = layer.pair("kernel_size", 1), stride = layer.pair("stride", 1),
             padding = layer.pair("padding", 0);
  const Sliding y = sliding(layer, in.shape[1], kernel[0], stride[0], 1, padding[0], ""),
                x = sliding(layer, in.shape[2], kernel[1], stride[1], 1, padding[1], "");
  const double factor = mean ? 1.0 / static_cast<double>(kernel[0] * kernel[1]) : 1.0;
  Builder out({in.shape[0], y.out, x.out}, layer.where());
  for (std::int64_t o = 0; o < in.shape[0] * y.out * x.out; ++o) {
    const std::int64_t channel = o / (y.out * x.out), oy = o / x.out % y.out, ox = o % x.out;
    for (std::int64_t iy = y.first(oy); iy < y.last(oy); ++iy)
      for (std::int64_t ix = x.first(ox); ix < x.last(ox); ++ix)
        out.add(in, (channel * y.in + iy) * x.in + ix, factor);
    out.next();
  }
  return out.take();
}

LinearForm apply_flatten(const Layer& layer, LinearForm form) {
  const auto rank = static_cast<std::int64_t>(form.shape.size());
  // PyTorch's default of 1 counts the axis of the batch, which a graph does not have.
  const auto axis = [&](const char* name, double otherwise) {
    const double given = layer.has(name) ? layer.tensor(name, 0).values[0] : otherwise;
    const double from_front = given < 0 ? given + static_cast<double>(rank) : given;
    if (!(from_front >= 0 && from_front < static_cast<double>(rank) && given == std::trunc(given)))
      layer.fail(fmt::format("{}: {}, must name one of {} axes", name, given, rank));
    return static_cast<std::ptrdiff_t>(from_front);
  };
  const std::ptrdiff_t first = axis("start_dim", 0), last = axis("end_dim", -1);
  if (first > last) layer.fail("start_dim must not be above end_dim");
  Shape shape(form.shape.begin(), form.shape.begin() + first);
  shape.push_back(elements({form.shape.begin() + first, form.shape.begin() + last + 1}));
  shape.insert(shape.end(), form.shape.begin() + last + 1, form.shape.end());
  form.shape = std::move(shape);
  return form;
}

}  // namespace

LinearForm spikes_of(std::uint32_t population, const Shape& shape) {
  LinearForm form;
  form.shape = shape;
  const auto n = static_cast<std::uint32_t>(elements(shape));
  for (std::uint32_t k = 0; k < n; ++k) {
    form.terms.push_back({population, k, 1, 0});
    form.begin.push_back(form.terms.size());
  }
  form.constant.assign(n, 0);
  return form;
}

LinearForm constant_form(const Shape& shape, const std::vector<double>& values) {
  LinearForm form;
  form.shape = shape;
  form.constant = values;
  form.begin.assign(values.size() + 1, 0);
  return form;
}

LinearForm sum(const LinearForm& a, const LinearForm& b, const std::string& where) {
  if (a.shape != b.shape)
    throw Error(ErrorKind::range, fmt::format("{}: signals of the shapes {} and {} meet", where,
                                              to_text(a.shape), to_text(b.shape)));
  Builder out(a.shape, where);
  for (std::int64_t k = 0; k < a.size(); ++k) {
    out.add(a, k, 1);
    out.add(b, k, 1);
    out.next();
  }
  return out.take();
}

bool is_linear(const std::string& type) {
  static const std::array<const char*, 9> types = {"Affine",    "Linear",  "Scale",
                                                   "Conv1d",    "Conv2d",  "SumPool2d",
                                                   "AvgPool2d", "Flatten", "Delay"};
  return std::find(types.begin(), types.end(), type) != types.end();
}

LinearForm apply(const GraphNode& node, const LinearForm& in) {
  const Layer layer(node);
  const std::string& type = node.type;
  if (type == "Affine" || type == "Linear") return apply_matrix(layer, in, type == "Affine");
  if (type == "Scale") return apply_elementwise(layer, in, "scale", false);
  if (type == "Delay") return apply_elementwise(layer, in, "delay", true);
  if (type == "Conv1d" || type == "Conv2d") return apply_convolution(layer, in, type == "Conv2d");
  if (type == "SumPool2d" || type == "AvgPool2d")
    return apply_pooling(layer, in, type == "AvgPool2d");
  RANVIER_ASSERT(type == "Flatten", "a layer that is not linear");
  return apply_flatten(layer, in);
}

}  // namespace ranvier::conversion
