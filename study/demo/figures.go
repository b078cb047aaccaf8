package demo

import (
	"fmt"
	"strings"

	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/optimizers/linear"
	"github.com/halftone-go/halftone/study/deployment"
	"github.com/halftone-go/halftone/study/report"
)

// What the figures of the whole demo should reach.
const (
	wantAccuracy   = 0.45 // of the quantized training
	wantDifference = 0.01 // between the int8 network and the trained one
	wantRatio      = 1e6  // of the gradient norms of LP-SGD and LP-SVRG to HALP's
)

// Figure is one result.
type Figure struct {
	Section, Name, Value, Unit, Note string
	Status                           report.Status
}

// Figures are the results of the demo, all measured in its run. The quick demo trains too little to judge accuracies.
func (o *Outcome) Figures() []Figure {
	var out []Figure
	add := func(section, name, value, unit, note string, status report.Status) {
		out = append(out, Figure{section, name, value, unit, note, status})
	}
	judge := func(ok bool) report.Status {
		if o.Config.Quick {
			return report.Unjudged
		}
		return status(ok)
	}
	add("Training", "test accuracy", percent(o.Trained.Accuracy), "%", fmt.Sprintf("%d steps", o.Training.Trained.Step), judge(o.Trained.Accuracy >= wantAccuracy))
	add("Training", "speed", report.Number(o.Training.PerSecond, 3), "images/s", "every op in 8 bits", report.Unjudged)
	halp := o.fit("HALP")
	for _, name := range []string{"LP-SGD", "LP-SVRG"} {
		ratio := o.fit(name).Last().GradientNorm / halp.Last().GradientNorm
		add("Convex problem", "gradient norm, "+name+" to HALP", report.Number(ratio, 2), "times", "at 8 bits", status(ratio >= wantRatio))
	}
	codes, wrong := deployment.Mismatches(o.Checks)
	difference := o.Integer.Share() - o.Trained.Accuracy
	add("Deployment", "int8 test accuracy", percent(o.Integer.Share()), "%", fmt.Sprintf("%d images", o.Integer.Images), report.Unjudged)
	add("Deployment", "int8 less trained", fmt.Sprintf("%+.2f", 100*difference), "points", "same images", judge(difference >= -wantDifference && difference <= wantDifference))
	add("Deployment", "codes, graph against emulator", fmt.Sprint(wrong), fmt.Sprintf("of %d differ", codes), fmt.Sprintf("%d layers", len(o.Checks)), status(wrong == 0))
	for _, language := range hwgen.Languages() {
		outputs, mismatches := o.verified(language)
		if outputs > 0 {
			add("Hardware", language+" against emulator", fmt.Sprint(mismatches), fmt.Sprintf("of %d differ", outputs), "Verilator", status(mismatches == 0))
		}
	}
	for _, m := range o.Missing {
		add("Hardware", "left out", "-", "", m, report.Missed)
	}
	add("Demo", "time", report.Number(o.Seconds/60, 3), "min", "", judge(o.Seconds <= 600))
	return out
}

// verified adds up what was co-simulated in a language.
func (o *Outcome) verified(language string) (outputs, mismatches int64) {
	for _, v := range o.Verifications {
		if v.Language == language {
			outputs += v.Outputs
			mismatches += v.Mismatches
		}
	}
	return outputs, mismatches
}

// fit is the fit of the named optimizer in the convex comparison; the names there start with the optimizer's.
func (o *Outcome) fit(name string) *linear.Fit {
	for _, f := range o.Convex {
		if f.Name == name || strings.HasPrefix(f.Name, name+" ") {
			return f
		}
	}
	return &linear.Fit{Name: name, Trace: []linear.Point{{}}}
}

func status(ok bool) report.Status {
	if ok {
		return report.OK
	}
	return report.Missed
}

func percent(share float64) string { return fmt.Sprintf("%.2f", 100*share) }
