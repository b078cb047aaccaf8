package train

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// logEvery is the time between lines where there is no terminal.
const logEvery = 5 * time.Second

// NewConsole returns an observer that shows a run's progress on w: as a bar where w is a terminal, else as a line every few
// seconds; and a line for every evaluation. It is for Config.Observe.
func NewConsole(w io.Writer, terminal bool) func(Progress) {
	if terminal {
		return newBar(w)
	}
	return newLog(w, time.Now)
}

// newLog writes lines. now is the clock.
func newLog(w io.Writer, now func() time.Time) func(Progress) {
	last := now()
	return func(p Progress) {
		if p.NewRow {
			last = now()
			fmt.Fprintln(w, p.evaluation())
			return
		}
		if now().Sub(last) < logEvery {
			return
		}
		last = now()
		fmt.Fprintf(w, "step %d/%d  %s%s\n", p.Step, p.Steps, p.status(), p.left())
	}
}

func newBar(w io.Writer) func(Progress) {
	var bar *progressbar.ProgressBar
	return func(p Progress) {
		if bar == nil {
			bar = progressbar.NewOptions(p.Steps, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(20),
				progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionClearOnFinish(), progressbar.OptionSetRenderBlankState(true))
		}
		if p.NewRow {
			bar.Clear() //nolint:errcheck // a bar that cannot be drawn stops nothing
			fmt.Fprintln(w, p.evaluation())
		}
		bar.Describe(p.status() + p.left())
		bar.Set(p.Step) //nolint:errcheck // as above
	}
}

// status is the loss, the last score and the speed, or how far another phase is.
func (p Progress) status() string {
	s := ""
	if p.Step > 0 {
		s = fmt.Sprintf("loss %.4f  ", p.MeanLoss)
	}
	if p.Row != nil {
		name, value := p.Row.Score()
		s += fmt.Sprintf("%s %.4g  ", name, value)
	}
	if p.Phase != Training {
		s += fmt.Sprintf("%s %d/%d  ", p.Phase, p.Done, p.Total)
	}
	return s + fmt.Sprintf("%.0f samples/s", p.PerSecond)
}

func (p Progress) left() string {
	if p.Remaining == 0 {
		return ""
	}
	return fmt.Sprintf("  %s left", p.Remaining.Round(time.Second))
}

// evaluation is a row in words.
func (p Progress) evaluation() string {
	name, value := p.Row.Score()
	return fmt.Sprintf("step %d  epoch %.2f  train_loss %.4f  val_loss %.4f  %s %.4f  %.0f s",
		p.Row.Step, p.Row.Epoch, p.Row.TrainLoss, p.Row.Loss, name, value, p.Row.Seconds)
}
