package parallel

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// workers are those of the process: as many as processors but one, however many loops run at the same time. A loop is
// worked on by its caller and by the workers that have nothing else to do. So a loop inside of a loop never waits for a
// worker, and there are never more goroutines at work than callers and processors.
var workers pool

// pool is a number of goroutines that help callers of run.
type pool struct {
	mutex   sync.Mutex
	open    []*Work // that want more workers, oldest first
	free    []*Work // for reuse
	started int     // workers
	parked  int     // workers that wait for a signal
	looking int     // workers that look at waiting
	waiting atomic.Int64
	signal  chan struct{}
}

// A worker without work, and a caller that waits for the last worker, look for news for so long before they go to sleep.
// That is longer than most of what a training step does on one thread between its loops: who sleeps takes a tenth of a
// millisecond to be back at work, on a virtual machine, and that dozens of times in a step.
const lookTime = 300 * time.Microsecond

// run works on a task with the help of workers, and returns when it is done.
func (p *pool) run(t task) {
	w := p.offer(t)
	defer p.finish(w)
	w.work()
}

// offer makes a task known to the workers.
func (p *pool) offer(t task) *Work {
	p.mutex.Lock()
	w := p.take()
	w.task = t
	helpers := t.threads - 1
	if p.started < helpers {
		p.start(min(helpers, runtime.GOMAXPROCS(0)-1))
	}
	if helpers = min(helpers, p.started); helpers > 0 {
		w.threads = helpers + 1
		p.open = append(p.open, w)
		p.waiting.Store(int64(len(p.open)))
	}
	wake := min(max(helpers-p.looking, 0), p.parked)
	p.parked -= wake
	p.mutex.Unlock()
	for range wake {
		p.signal <- struct{}{}
	}
	return w
}

func (p *pool) take() *Work {
	n := len(p.free)
	if n == 0 {
		return &Work{done: make(chan struct{}, 1)}
	}
	w := p.free[n-1]
	p.free = p.free[:n-1]
	return w
}

// start makes so many workers in all.
func (p *pool) start(count int) {
	if p.signal == nil {
		p.signal = make(chan struct{})
	}
	for ; p.started < count; p.started++ {
		go p.help()
	}
}

// finish waits for the workers that help with w, also when the caller's own part has panicked, and hands on a worker's
// panic.
func (p *pool) finish(w *Work) {
	w.stop()
	p.mutex.Lock()
	p.close(w)
	p.mutex.Unlock()
	look(func() bool { return w.state.Load() == 0 })
	if w.state.Load() > 0 && w.state.Add(asleep) > asleep {
		<-w.done
	}
	f := w.fault.Load()
	w.task, w.helped = task{}, 0
	w.next.Store(0)
	w.state.Store(0)
	w.fault.Store(nil)
	p.mutex.Lock()
	p.free = append(p.free, w)
	p.mutex.Unlock()
	if f != nil {
		panic(f.value)
	}
}

// close takes w off the list of those that want workers, if it is there.
func (p *pool) close(w *Work) {
	if i := slices.Index(p.open, w); i >= 0 {
		p.open = slices.Delete(p.open, i, i+1)
		p.waiting.Store(int64(len(p.open)))
	}
}

// help is a worker. If a body ends its goroutine, another one takes its place.
func (p *pool) help() {
	defer func() { go p.help() }()
	for {
		w := p.join()
		w.help()
	}
}

// join waits for a task that wants a worker.
func (p *pool) join() *Work {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for sleepy := false; len(p.open) == 0; {
		if sleepy {
			p.parked++
			p.mutex.Unlock()
			<-p.signal
		} else {
			p.looking++
			p.mutex.Unlock()
			look(func() bool { return p.waiting.Load() > 0 })
		}
		p.mutex.Lock()
		if !sleepy {
			p.looking--
		}
		sleepy = !sleepy
	}
	w := p.open[0]
	w.state.Add(1)
	if w.helped++; w.helped == w.threads-1 {
		p.close(w)
	}
	return w
}

// look waits until there is news, but not long.
func look(news func() bool) {
	for begin := time.Now(); !news() && time.Since(begin) < lookTime; {
	}
}
