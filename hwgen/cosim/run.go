package cosim

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"

	"github.com/pkg/errors"
)

// Code is one output. It is unknown when the simulator computed an x.
type Code struct {
	Value int32
	Known bool
}

func (c Code) String() string {
	if !c.Known {
		return "an unknown value"
	}
	return fmt.Sprint(c.Value)
}

// decoder reads the codes of one output; io.EOF or an endLine ends them.
type decoder func(r io.Reader, codes []Code) error

// Counts are what a run says about itself.
type Counts struct {
	Cycles uint64
	// Violations counts outputs that changed or vanished before they were taken.
	Violations uint64
	// Stuck is set when records or an output were left and nothing moved any more.
	Stuck bool
}

// Run feeds a program with what write puts into its argument, and calls each with the codes of every output, in order.
// The two run at the same time. codes is overwritten by the next call.
//
// write's argument fails once the program no longer reads, which happens when it is stuck; write then returns that error,
// and Run takes it for the end.
func (p *Program) Run(parent context.Context, write func(w io.Writer) error, each func(codes []Code)) (Counts, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	command := p.simulator.command(p.dir)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	killGroup(cmd)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return Counts{}, errors.WithStack(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return Counts{}, errors.WithStack(err)
	}
	if err := cmd.Start(); err != nil {
		return Counts{}, errors.Wrapf(err, "starting %s", p.simulator.Name())
	}

	written := make(chan error, 1)
	go func() {
		buffered := bufio.NewWriterSize(stdin, 1<<16)
		err := write(buffered)
		if err == nil {
			err = buffered.Flush()
		}
		if closing := stdin.Close(); err == nil {
			err = closing
		}
		if errors.Is(err, syscall.EPIPE) {
			err = nil // the program ended by itself; its counts say why
		}
		if err != nil {
			cancel()
		}
		written <- err
	}()

	decode := p.simulator.decoder(p.i)
	codes := make([]Code, len(p.i.Codes))
	reader := bufio.NewReaderSize(stdout, 1<<16)
	for err = decode(reader, codes); err == nil; err = decode(reader, codes) {
		each(codes)
	}
	last := ""
	var end *endLine
	switch {
	case errors.As(err, &end):
		last, err = end.text, nil
	case errors.Is(err, io.EOF):
		err = nil
	default:
		cancel()
	}
	writing := <-written
	waiting := cmd.Wait()
	switch {
	case parent.Err() != nil:
		return Counts{}, errors.Wrap(parent.Err(), p.simulator.Name())
	case writing != nil:
		return Counts{}, writing
	case err != nil:
		return Counts{}, errors.Wrapf(err, "reading from %s", p.simulator.Name())
	}
	if end == nil {
		last = strings.TrimSpace(messages.String()) // complete only after Wait
	}
	return parseCounts(p.simulator.Name(), last, waiting)
}

func parseCounts(name, text string, waiting error) (Counts, error) {
	var c Counts
	var stuck int
	if _, err := fmt.Sscanf(text, "cycles=%d violations=%d stuck=%d", &c.Cycles, &c.Violations, &stuck); err != nil || waiting != nil {
		return Counts{}, errors.Errorf("%s ended early: %v\n%s", name, waiting, tail(text))
	}
	c.Stuck = stuck != 0
	return c, nil
}
