package qops

import "github.com/halftone-go/halftone/qops/number"

// Ops of recurrent networks that compute every row of their output from the same row of operands of the same shape.

func (*Unary) independent()           {}
func (*Times) independent()           {}
func (*BiasAdd) independent()         {}
func (*SoftmaxLossGrad) independent() {}

// Recount sets the counts back to what Counts returned before a run whose samples do not count.
func (o *Quantize) Recount(stats number.Stats) { o.stats = stats }
