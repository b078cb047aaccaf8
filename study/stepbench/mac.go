package stepbench

import (
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops/number"
)

// MAC is ResNet-14 with simulated multiply-accumulate units, forward and backward.
const MAC = "mac"

// published is a figure that a peer was measured to reach elsewhere, in samples per second: MPTorch cannot be installed as
// a package.
type published struct {
	name      string
	perSecond float64
}

var mptorch = published{"MPTorch 0.3.0, built with -O3, measured elsewhere: 0.96/s", 0.96}

// macTasks simulate in every product of every layer: sums of 8-bit codes, exact and in accumulators that wrap and that
// saturate; and E5M2 tensors whose products are rounded to E5M2 and whose sums are rounded to E6M5.
func macTasks() []task {
	const codes, exact = "bfp:w8e8,sr,sat", "resnet14/mac-exact"
	of := func(name, tensors, product, sum string, least float64) task {
		return task{name: name, policy: "float32", exact: exact, ofExact: least, start: trainImages, edit: interior(tensors, product, sum)}
	}
	float := of("resnet14/mac", "float:e5m2ieee,rne,sat", "float:e5m2ieee,rne,sat", "float:e6m5ieee,rne,sat,order=seq", 0)
	float.published, float.asked = mptorch, 50
	return []task{
		{name: exact, policy: "float32", start: trainImages, edit: interior(codes, "float32", "exact")},
		of("resnet14/mac-wrap16", codes, "float32", "acc:w16,wrap", 0.8),
		of("resnet14/mac-saturate20", codes, "float32", "acc:w20,sat,order=seq", 0.2),
		float,
	}
}

// interior gives the tensors that products are made of a format, and products and sums theirs.
func interior(tensors, product, sum string) func(*policy.Policy) {
	return func(p *policy.Policy) {
		for _, role := range []policy.Role{policy.Input, policy.Weight, policy.Activation, policy.Error, policy.Gradient} {
			p.Default[role] = number.MustParse(tensors)
		}
		p.Default[policy.Product], p.Default[policy.Sum] = number.MustParse(product), number.MustParse(sum)
	}
}
