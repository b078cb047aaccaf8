package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"
)

// elementProgress returns a function that draws a bar of elements on w, or nil if w is no terminal.
func elementProgress(w io.Writer) func(done, total int) {
	if !isTerminal(w) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("elements"),
				progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30), progressbar.OptionShowIts(),
				progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }))
		}
		_ = bar.Set(done) // a bar that cannot be drawn stops nothing
	}
}
