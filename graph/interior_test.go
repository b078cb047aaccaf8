package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// tensorwise is a policy in which every sum has products of one step.
func tensorwise(t *testing.T, rules ...string) *policy.Policy {
	t.Helper()
	const eight = `"bfp:w8e8,rne,sat"`
	return withRules(t, shipped(t, "float32"), append([]string{
		fmt.Sprintf("{match: \"**\", input: %s, weight: %s, activation: %s, state: %s, error: %s, gradient: %s}", eight, eight, eight, eight, eight, eight),
	}, rules...)...)
}

// Each of a layer's three products has the interior that the policy gives it, and explain says so.
func TestEachProductHasItsInterior(t *testing.T) {
	p := tensorwise(t, `{match: "stage1/**", op: conv, sum: "acc:w20,sat,order=block8"}`,
		`{match: "stage1/**", use: backward-data, sum: "acc:w16,wrap"}`,
		`{match: "stage1/**", use: backward-weight, product: "float:e5m2ieee,rne,sat", sum: "float:e6m5ieee,rne,sat,order=tree16"}`)
	m := netModel(t, "resnet14", tensor.Float32, 1, 1)
	program, err := graph.Compile(m.loss, m.parameters, p)
	require.NoError(t, err)
	e := explained(program)
	require.Contains(t, e["stage1/block1/conv1.out"].Certificate, "acc:w20,sat,order=block8: saturates at each addition")
	require.Contains(t, e["stage1/block1/conv1.grad-input"].Certificate, "acc:w16,wrap: the exact sum of 22 bits, wrapped once")
	require.Equal(t, "each product and addition rounded", e["stage1/block1/conv1.grad-weight"].Kernel)
	require.Contains(t, e["stage1/block1/conv1.grad-weight"].Certificate, "sum float:e6m5ieee,rne,sat,order=tree16")
	require.Contains(t, e["stage2/block1/conv1.out"].Certificate, "exact")
}

// A network whose sums are simulated gives the same bits however it is run; one that wraps or saturates where nothing
// reaches the ends gives those of exact sums; and what is set for one of the products acts on that one.
func TestNetsWithInteriors(t *testing.T) {
	exactLoss, exact, _ := halftone(t, netModel(t, "resnet14", tensor.Float32, 2, 1), tensorwise(t))
	for _, sum := range []string{`sum: "acc:w40,wrap"`, `sum: "acc:w40,sat,order=tree16"`} {
		loss, grads, _ := halftone(t, netModel(t, "resnet14", tensor.Float32, 2, 1), tensorwise(t, `{match: "**", `+sum+`}`))
		requireSameBits(t, exactLoss, loss, sum)
		requireSameBits(t, exact, grads, sum)
	}
	for _, rule := range []string{
		`sum: "acc:w16,wrap"`, `sum: "acc:w14,sat,order=seq"`, `product: "float:e5m2ieee,rne,sat", sum: "float:e6m5ieee,rne,sat,order=seq"`,
	} {
		p := tensorwise(t, `{match: "**", `+rule+`}`)
		for _, net := range []string{"resnet14", "lstm"} {
			wantLoss, want, _ := halftone(t, netModel(t, net, tensor.Float32, 2, 1), p, graph.Reference())
			require.NotEqual(t, want, exact, rule)
			for _, threads := range []int{1, 2, 3} {
				loss, grads, _ := halftone(t, netModel(t, net, tensor.Float32, 2, 1), p, graph.WithThreads(threads))
				requireSameBits(t, wantLoss, loss, rule)
				requireSameBits(t, want, grads, rule)
			}
		}
	}
	// MPTorch's convolutions forget an interior that is set for the way back alone.
	loss, grads, _ := halftone(t, netModel(t, "resnet14", tensor.Float32, 2, 1), tensorwise(t, `{match: "**", op: conv, use: backward-weight, sum: "acc:w10,sat,order=seq"}`))
	require.Equal(t, exactLoss, loss)
	require.NotEqual(t, exact, grads)
}
