package train

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// logEvery is the time between lines where there is no terminal.
	logEvery = 5 * time.Second
	// drawEvery is the time between two states of a terminal's line.
	drawEvery = 100 * time.Millisecond
	// clearLine takes a terminal's cursor to the beginning of its line and clears that.
	clearLine = "\r\x1b[K"
)

// NewConsole returns an observer that shows a run's progress on w: on a terminal as one line that is drawn again and again,
// else as a line every few seconds; and a line for every evaluation. It is for Config.Observe.
func NewConsole(w io.Writer, terminal bool) func(Progress) {
	if terminal {
		return newConsole(w, time.Now, drawEvery, clearLine, "")
	}
	return newConsole(w, time.Now, logEvery, "", "\n")
}

// newConsole writes lines between before and after, at most one in every.
func newConsole(w io.Writer, now func() time.Time, every time.Duration, before, after string) func(Progress) {
	last := now()
	return func(p Progress) {
		switch {
		case p.NewRow:
			last = now()
			fmt.Fprintln(w, before+p.evaluation())
		case p.Phase == Evaluation && p.Done == p.Total && before != "":
			fmt.Fprint(w, before) // nothing may follow: leave the line empty
		case now().Sub(last) >= every:
			last = now()
			fmt.Fprint(w, before+p.line()+after)
		}
	}
}

// line fits a terminal of 80 columns.
func (p Progress) line() string {
	s := fmt.Sprintf("step %d/%d", p.Step, p.Steps)
	if p.Phase != Training {
		s += fmt.Sprintf("  %s %d/%d", p.Phase, p.Done, p.Total)
	} else {
		s += fmt.Sprintf("  loss %.4f", p.MeanLoss)
		if p.Row != nil {
			name, value := p.Row.Score()
			s += fmt.Sprintf("  %s %.4g", strings.TrimPrefix(name, "val_"), value)
		}
	}
	if p.PerSecond > 0 {
		s += fmt.Sprintf("  %.0f samples/s", p.PerSecond)
	}
	if p.Remaining > 0 {
		s += fmt.Sprintf("  %s left", p.Remaining.Round(time.Second))
	}
	return s
}

// evaluation is a row in words.
func (p Progress) evaluation() string {
	name, value := p.Row.Score()
	return fmt.Sprintf("step %d  epoch %.2f  train_loss %.4f  val_loss %.4f  %s %.4f  %.0f s",
		p.Row.Step, p.Row.Epoch, p.Row.TrainLoss, p.Row.Loss, name, value, p.Row.Seconds)
}
