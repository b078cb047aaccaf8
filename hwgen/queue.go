package hwgen

import "sync"

// expected are outputs of a job in the order in which they come: codes of one vector, from a channel on.
type expected struct {
	job             *Job
	vector, channel int
	codes           []int32
}

// queue holds what was sent and has not come back. Neither side ever waits for it: what waits is the pipes, so that a
// datapath that loses outputs, or gives too many, cannot bring the run to a halt.
type queue struct {
	mutex sync.Mutex
	list  []expected
	taken int // of list
}

// maxPending is more outputs than can be on their way: three buffers of 64 kB hold as many of one byte each, those before
// the datapath a few thousand beats, and the deepest datapath some hundred.
const maxPending = 1 << 18

func (q *queue) put(e expected) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.taken > len(q.list)/2 { // forget what was taken
		q.list = append(q.list[:0], q.list[q.taken:]...)
		q.taken = 0
	}
	q.list = append(q.list, e)
}

// take gives the oldest, if there is one.
func (q *queue) take() (e expected, ok bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.taken == len(q.list) {
		return expected{}, false
	}
	e = q.list[q.taken]
	q.list[q.taken] = expected{}
	q.taken++
	return e, true
}

// overdue tells that outputs must have been lost.
func (q *queue) overdue() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return len(q.list)-q.taken > maxPending
}
