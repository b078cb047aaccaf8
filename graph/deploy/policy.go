package deploy

import (
	"fmt"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops/number"
)

// biasWidth is the width of bias codes.
const biasWidth = 32

// integerPolicy is the policy of a network on a target. Inputs round as LiteRT's QUANTIZE does, ties away from zero.
func integerPolicy(t *target.Target) *policy.Policy {
	p := floatPolicy()
	p.Name, p.Target = t.Name, t.Name
	activation, weight := t.Operands.Activation.Width, t.Operands.Weight.Width
	block := ",block=channel"
	if t.Scales == target.PerTensor {
		block = ""
	}
	p.Default[policy.Input] = number.MustParse(fmt.Sprintf("int:w%d,scale=run,zero=auto,rna,sat", activation))
	p.Default[policy.Activation] = number.MustParse(fmt.Sprintf("int:w%d,scale=run,zero=auto,rne,sat", activation))
	p.Default[policy.Weight] = number.MustParse(fmt.Sprintf("int:w%d,scale=run%s,rne,sym", weight, block))
	p.Default[policy.Bias] = number.MustParse(fmt.Sprintf("int:w%d,scale=run%s,rne,sat", biasWidth, block))
	return p
}

// floatPolicy folds batch norms and rounds nothing.
func floatPolicy() *policy.Policy {
	p := &policy.Policy{
		Name: "calibration", Default: map[policy.Role]number.Format{},
		Backward: policy.EveryOp, Clipped: policy.Pass, BatchNorm: policy.Fold,
	}
	for _, r := range policy.Roles() {
		p.Default[r] = number.Format{}
	}
	p.Default[policy.Sum] = number.MustParse("exact")
	return p
}
