package linear

import (
	"context"

	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Entry is one optimizer of a comparison.
type Entry struct {
	// Name is the fit's name in the result.
	Name   string
	Config optimizers.Config
	// Formats of the weight under this optimizer.
	Formats optimizers.Formats
}

// Compare fits one model per entry to the same data with the same batches, and returns the fits in the order of the entries.
// observe, when not nil, is called with every point of every trace; Formats and Observe of the options are not used.
func Compare(ctx context.Context, data *Dataset, loss Loss, entries []Entry, o Options, observe func(name string, p Point)) ([]*Fit, error) {
	fits := make([]*Fit, 0, len(entries))
	for _, e := range entries {
		o.Formats = e.Formats
		o.Observe = nil
		if observe != nil {
			o.Observe = func(p Point) { observe(e.Name, p) }
		}
		fit, err := Run(ctx, data, loss, e.Config, o)
		if err != nil {
			return nil, errors.Wrap(err, e.Name)
		}
		fit.Name = e.Name
		fits = append(fits, fit)
	}
	return fits, nil
}

// BitCentering is the comparison that shows what HALP is for (De Sa et al., arXiv 1803.03383): least squares on 1000 noisy
// examples with 20 features and condition number 5, by SGD and SVRG in float64, and by LP-SGD, LP-SVRG and HALP with 8 bits.
// On their fixed grid LP-SGD and LP-SVRG stop at a gradient norm that the grid's step gives, SGD at one that the noise gives;
// HALP converges at the rate of SVRG down to the accuracy of float64. It takes a second or two.
func BitCentering(ctx context.Context, seed uint64, observe func(name string, p Point)) ([]*Fit, error) {
	data, err := Synthetic{Rows: 1000, Columns: 20, Condition: 5, Noise: 0.1, Seed: seed}.Regression()
	if err != nil {
		return nil, err
	}
	// The optimum lies within [-1, 1] up to the labels' noise, so this is the finest 8-bit grid that holds it.
	model := optimizers.Formats{Master: number.MustParse("fixed:w8f6,sr,sat")}
	offset := optimizers.Formats{Offset: number.MustParse("int:w8,scale=run,sr,sat")}
	descent := optimizers.Descent{LearningRate: 0.03}
	entries := []Entry{
		{"SGD float64", &optimizers.SGD{Descent: descent}, optimizers.Formats{}},
		{"SVRG float64", &optimizers.SVRG{Descent: descent}, optimizers.Formats{}},
		{"LP-SGD 8 bits", &optimizers.LPSGD{Descent: descent}, model},
		{"LP-SVRG 8 bits", &optimizers.LPSVRG{Descent: descent}, model},
		// The smallest eigenvalue is 0.2; a larger mu makes the grid finer and the box, which is generous, smaller.
		{"HALP 8 bits", &optimizers.HALP{Descent: descent, Mu: 0.4, Scale: optimizers.Global}, offset},
	}
	return Compare(ctx, data, Squares{}, entries, Options{Batch: 1, Epochs: 60, Seed: seed}, observe)
}
