package train

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// saver writes a run's files while the run goes on: one state after the other, each as it was when it was given. A run
// that is killed leaves the last state that was written whole.
type saver struct {
	dir   string    // with none, nothing is written
	began time.Time // when the latest state was given
	step  int       // of the checkpoint in the folder, -1 if there is none

	writing chan error // gets the result of the state that is being written, nil while there is none
	next    int        // the step of that state
	err     error      // of a state that could not be written
}

func newSaver(dir string) *saver { return &saver{dir: dir, step: -1} }

// save begins to write rows of metrics, unless there are none that are new, and then a checkpoint. A state that is still
// being written is waited for.
func (w *saver) save(c *checkpoint, rows []Row) error {
	w.began = time.Now()
	if err := w.wait(); err != nil {
		return err
	}
	rows = slices.Clone(rows)
	w.writing, w.next = make(chan error, 1), c.Step
	go func(done chan<- error) { done <- writeState(w.dir, c, rows) }(w.writing)
	return nil
}

func writeState(dir string, c *checkpoint, rows []Row) error {
	if len(rows) > 0 {
		if err := writeMetrics(dir, rows[0].Text, rows); err != nil {
			return err
		}
	}
	return c.write(filepath.Join(dir, CheckpointFile))
}

// idle reports whether all states that were given are written.
func (w *saver) idle() (bool, error) {
	if w.writing == nil {
		return true, w.err
	}
	select {
	case err := <-w.writing:
		w.written(err)
		return true, w.err
	default:
		return false, w.err
	}
}

// wait returns when all states that were given are written, with the error of one that could not be.
func (w *saver) wait() error {
	if w.writing != nil {
		w.written(<-w.writing)
	}
	return w.err
}

func (w *saver) written(err error) {
	w.writing = nil
	if err != nil {
		w.err = err
		return
	}
	w.step = w.next
}

// kept says what is in the folder when a run cannot go on.
func (w *saver) kept() string {
	switch {
	case w.dir == "":
		return "nothing was written"
	case w.step < 0:
		return "there is no checkpoint yet"
	}
	return fmt.Sprintf("the last checkpoint, after step %d, stays in %s: a new run goes on there with other settings, by --from %s",
		w.step, filepath.Join(w.dir, CheckpointFile), w.dir)
}
