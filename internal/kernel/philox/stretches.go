package philox

import (
	"sync"
	"unsafe"
)

// Stretches cuts a run of elements into stretches whose draws one call of a kernel can make.
type Stretches struct {
	draw   Draw
	order  Order
	at     int // position of the next element
	n      int // how many are left
	keys   philoxKeys
	picked *pickedDraws // if some had to be
}

// Cut returns the stretches of n elements from a position on. Done must be called in the end.
func Cut(draw Draw, order Order, start, n int) Stretches {
	if order.Area == 1 && order.Channels%channelGroup == 0 {
		order = Order{} // the same indices
	}
	return Stretches{draw: draw, order: order, at: start, n: n, keys: roundKeys(draw.Key)}
}

// smallArea is the number of elements below which draws for a plane by itself would waste most of a chunk.
const smallArea = 64

// Next fills in the draws of the next stretch and returns its number of elements, 0 at the end.
func (s *Stretches) Next(d *Draws) int {
	if s.n == 0 {
		return 0
	}
	*d = Draws{execution: s.draw.Execution, domain: s.draw.Domain, keys: s.keys}
	var n int
	lanes := smallPlanes(s.order)
	switch {
	case s.order.Channels == 0:
		d.rows(uint64(s.at))
		n = s.n
	case lanes != nil:
		n = s.smallPlanes(d, lanes)
	case s.order.Area < smallArea:
		n = s.pick(d)
	default:
		n = s.planes(d)
	}
	n = min(n, s.n)
	s.at += n
	s.n -= n
	return n
}

// Done gives back the memory of draws.
func (s *Stretches) Done() {
	if s.picked != nil {
		pickedPool.Put(s.picked)
	}
}

// rows draws for elements of consecutive indices from one on.
func (d *Draws) rows(index uint64) {
	d.source, d.lanes = drawRows, &rowLanes
	d.base, d.stride = index/chunkDraws*channelGroup, channelGroup
	d.skip = int(index % chunkDraws)
}

// place is where a position lies: the number of its group of channels, counted over all samples, how many channels the
// group has, and the channel and the element of the plane in the group.
func (o Order) place(position int) (group, width, channel, element int) {
	element = position % o.Area
	channel = position / o.Area % o.Channels
	sample := position / o.Area / o.Channels
	groups := (o.Channels + channelGroup - 1) / channelGroup
	width = min(channelGroup, o.Channels-channel/channelGroup*channelGroup)
	return sample*groups + channel/channelGroup, width, channel % channelGroup, element
}

// Eight elements of a plane take a block: those at 8·i to 8·i+7, counted over the planes of a channel in all groups, have
// block 16·i + channel.
const blockElements = 8

// planes draws for planes to the end of the group if they are whole chunks, and else to the end of the plane.
func (s *Stretches) planes(d *Draws) int {
	area := s.order.Area
	group, width, channel, element := s.order.place(s.at)
	d.source, d.lanes, d.stride = drawPlanes, &planeLanes, channelGroup*(chunkDraws/blockElements)
	aligned, end := blockElements, area-element
	if area%chunkDraws == 0 {
		aligned, end = chunkDraws, (width-channel)*area-element
		d.perPlane = area / chunkDraws
		d.left = d.perPlane - element/chunkDraws
		d.jump = 1 - uint64(d.perPlane)*d.stride // the next channel's first block
	}
	first := uint64(group)*uint64(area) + uint64(element)
	d.skip = int(first % uint64(aligned))
	d.base = (first-uint64(d.skip))/blockElements*channelGroup + uint64(channel)
	return end
}

// smallPlanes draws for planes of which several make a chunk, to the end of the group.
func (s *Stretches) smallPlanes(d *Draws, lanes *[16]uint64) int {
	area := s.order.Area
	group, width, channel, element := s.order.place(s.at)
	first := channel*area + element // in the group
	d.source, d.lanes, d.stride = drawPlanes, lanes, uint64(chunkDraws/area)
	d.skip = first % chunkDraws
	d.base = uint64(group)*uint64(area)/blockElements*channelGroup + uint64((first-d.skip)/area)
	return width*area - first
}

// smallPlanes returns the lanes for planes of which several make a chunk, if the order has these.
func smallPlanes(o Order) *[16]uint64 {
	switch o.Area {
	case 8:
		return &planeLanes8
	case 16:
		return &planeLanes16
	case 32:
		return &planeLanes32
	case 64:
		return &planeLanes64
	}
	return nil
}

// pickedDraws are draws for groups of planes of less than smallArea elements: in the order of indices, and of positions.
type pickedDraws struct {
	indexed [smallArea * channelGroup]uint16 // groups × area × channels
	placed  [smallArea*channelGroup + Slack/2]uint16
}

var pickedPool = sync.Pool{New: func() any { return new(pickedDraws) }}

// pick draws for small planes: for as many groups of channels as there is room for.
func (s *Stretches) pick(d *Draws) int {
	if s.picked == nil {
		s.picked = pickedPool.Get().(*pickedDraws)
	}
	area, channels := s.order.Area, s.order.Channels
	group, _, channel, element := s.order.place(s.at)
	first := s.at / area % channels / channelGroup * channelGroup // channel of the group
	perGroup := area * channelGroup

	groups, end := 0, -(channel*area + element) // how many are needed, and the elements to their end
	for c := first; groups < smallArea/area && end < s.n; groups++ {
		end += min(channelGroup, channels-c) * area
		if c += channelGroup; c >= channels {
			c = 0
		}
	}
	row := Draws{execution: d.execution, domain: d.domain, keys: d.keys}
	row.rows(uint64(group) * uint64(perGroup))
	row.write(s.picked.indexed[:groups*perGroup])

	n := 0
	for g := range groups {
		width := min(channelGroup, channels-first)
		if channel == 0 && element == 0 && s.picked.group(n, g*perGroup, area) {
			n += width * area
			channel = width
		}
		for c := channel; c < width; c++ {
			n += s.picked.plane(n, g*perGroup+c, element, area)
			element = 0
		}
		channel = 0
		if first += channelGroup; first >= channels {
			first = 0
		}
	}
	d.source, d.memory = drawMemory, unsafe.Pointer(&s.picked.placed)
	return n
}

// placeArgs are the arguments of the kernel that picks the draws of a group.
type placeArgs struct {
	dst, src unsafe.Pointer
	area     int
}

// group picks the draws of all planes of a group, 16 whether it has so many or not, if there is a kernel that does it.
func (p *pickedDraws) group(to, from, area int) bool {
	const rows = 8
	placed, indexed := p.placed[to:][:area*channelGroup], p.indexed[from:][:area*channelGroup]
	return area >= rows && placePlanesKernel(&placeArgs{dst: unsafe.Pointer(&placed[0]), src: unsafe.Pointer(&indexed[0]), area: area})
}

// plane picks the draws of a plane from an element on, and returns how many.
func (p *pickedDraws) plane(to, from, element, area int) int {
	placed := p.placed[to:][:area-element]
	from += element * channelGroup
	for i := range placed {
		placed[i] = p.indexed[from&(len(p.indexed)-1)]
		from += channelGroup
	}
	return len(placed)
}
