package datasets

import "github.com/halftone-go/halftone/qops/number"

// Augmentation is what happens to one image: the crop begins at row Top and column Left of the image with its border of
// Pad black pixels, and is then mirrored if Flip is set. The zero value with Pad 0 changes nothing.
type Augmentation struct {
	Pad, Top, Left int
	Flip           bool
}

// Augmentation returns what an epoch does to training image sample: with the 16 random bits r of element sample of
// the stream "data/augment" in execution epoch and domain Data, n = 2*Pad+1 positions in each direction and m = 2 if the
// set flips, else 1,
//
//	k = r*n*n*m >> 16,   flip = k mod m = 1,   left = k/m mod n,   top = k/m/n.
//
// It is a pure function of the set and its arguments.
func (im *Images) Augmentation(seed uint64, epoch uint32, sample int) Augmentation {
	return im.augmentation(number.Draw{Stream: augmentStream(seed), Execution: epoch, Domain: number.Data}, sample)
}

func augmentStream(seed uint64) number.Stream { return number.NewStream(seed, "data/augment") }

func (im *Images) augmentation(draw number.Draw, sample int) Augmentation {
	positions, mirrors := 2*im.Pad+1, 1
	if im.Flip {
		mirrors = 2
	}
	k := int(uint64(draw.Bits(uint64(sample))) * uint64(positions*positions*mirrors) >> 16)
	return Augmentation{
		Pad:  im.Pad,
		Flip: k%mirrors == 1,
		Left: k / mirrors % positions,
		Top:  k / mirrors / positions,
	}
}
