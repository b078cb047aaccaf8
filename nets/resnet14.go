package nets

import (
	"fmt"

	"github.com/halftone-go/halftone/graph"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Batch norm as PyTorch's: the running statistics take a tenth of each batch's.
const (
	normMomentum = 0.1
	normEpsilon  = 1e-5
)

// ResNet14 is the residual network of He et al. for CIFAR-10 (arXiv 1512.03385, section 4.2) with 6n+2 layers for n = 2: a
// 3x3 convolution to 16 channels, three stages of two basic blocks with 16, 32 and 64 channels, the second and third
// stage at half the resolution, global average pooling, and a dense layer to 10 classes. Where a block changes shape,
// its shortcut is a 1x1 convolution of stride 2. It has 175,066 parameters and takes 26.66 million multiplications per
// image.
//
// Inputs: (batch, 3, 32, 32). Targets: one-hot (batch, 10). Layers: stem, stage1/block1 ... stage3/block2, fc.
// Convolutions begin with He's normal values, the dense layer with uniform ones.
func ResNet14(dtype tensor.Dtype, batch int, seed uint64) (*Net, error) {
	return WideResNet14(dtype, batch, 1, seed)
}

// WideResNet14 is ResNet14 with all widths, 16, 32 and 64 channels, multiplied by width (Zagoruyko and Komodakis, arXiv
// 1605.07146, whose blocks have another order). For widths 2 and 4 it has 696,234 and 2,776,906 parameters.
func WideResNet14(dtype tensor.Dtype, batch, width int, seed uint64) (*Net, error) {
	net, err := newNet("resnet14", dtype, batch, size{"width", width})
	if err != nil {
		return nil, err
	}
	r := residual{net: net, dtype: dtype, seed: seed}
	const classes = 10
	x := net.input(dtype, "x", batch, 3, 32, 32)
	y := net.target(dtype, "y", batch, classes)
	graph.Layer(net.Graph, "stem", func() {
		x = G.Must(G.Rectify(r.norm("stem/norm", r.convolution("stem/conv", x, 16*width, 3, 1))))
	})
	for stage, channels := range []int{16, 32, 64} {
		for block := range 2 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			path := fmt.Sprintf("stage%d/block%d", stage+1, block+1)
			graph.Layer(net.Graph, path, func() { x = r.block(path, x, channels*width, stride) })
		}
	}
	graph.Layer(net.Graph, "fc", func() {
		channels, area := x.Shape()[1], x.Shape()[2]*x.Shape()[3]
		pooled := G.Must(G.Mean(G.Must(G.Reshape(x, tensor.Shape{batch, channels, area})), 2))
		w := net.parameter(dtype, seed, "fc/weight", fan(channels), channels, classes)
		b := net.parameter(dtype, seed, "fc/bias", fan(channels), classes)
		net.Output = dense(pooled, w, b)
		net.Loss = crossEntropy(net.Output, y)
	})
	return net, nil
}

// residual makes the parts of a residual network.
type residual struct {
	net   *Net
	dtype tensor.Dtype
	seed  uint64
}

// convolution is a convolution without bias, padded to keep the size (then divided by stride).
func (r residual) convolution(name string, x *G.Node, channels, kernel, stride int) *G.Node {
	in := x.Shape()[1]
	w := r.net.parameter(r.dtype, r.seed, name+".weight", he(in*kernel*kernel), channels, in, kernel, kernel)
	pad := kernel / 2
	return G.Must(G.Conv2d(x, w, tensor.Shape{kernel, kernel}, []int{pad, pad}, []int{stride, stride}, []int{1, 1}))
}

// norm is batch norm with a scale and a bias per channel.
func (r residual) norm(name string, x *G.Node) *G.Node {
	channels := x.Shape()[1]
	scale := r.net.parameter(r.dtype, r.seed, name+".scale", one, 1, channels, 1, 1)
	bias := r.net.parameter(r.dtype, r.seed, name+".bias", zero, 1, channels, 1, 1)
	y, _, _, _, err := G.BatchNorm(x, scale, bias, normMomentum, normEpsilon)
	return G.Must(y, err)
}

// block is relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)).
func (r residual) block(path string, x *G.Node, channels, stride int) *G.Node {
	shortcut := x
	y := G.Must(G.Rectify(r.norm(path+"/norm1", r.convolution(path+"/conv1", x, channels, 3, stride))))
	y = r.norm(path+"/norm2", r.convolution(path+"/conv2", y, channels, 3, 1))
	if stride != 1 || x.Shape()[1] != channels {
		shortcut = r.convolution(path+"/shortcut", x, channels, 1, stride)
	}
	return G.Must(G.Rectify(G.Must(G.Add(y, shortcut))))
}
