package kerneltest

// Philox is the block function of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011, section 4), as their paper writes it.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		first, second := uint64(0xD2511F53)*uint64(counter[0]), uint64(0xCD9E8D57)*uint64(counter[2])
		counter = [4]uint32{
			uint32(second>>32) ^ counter[1] ^ key[0], uint32(second),
			uint32(first>>32) ^ counter[3] ^ key[1], uint32(first),
		}
		key[0] += 0x9E3779B9
		key[1] += 0xBB67AE85
	}
	return counter
}

// RandomBits are the random bits of a position, straight from the definition of philox.Order; without channels, of any rank
// but 4.
func RandomBits(key [2]uint32, execution, domain uint32, channels, area, position int) uint16 {
	e := uint64(position)
	if channels > 0 {
		place := position % area
		c := position / area % channels
		n := position / area / channels
		e = uint64(((n*((channels+15)/16)+c/16)*area+place)*16 + c%16)
	}
	number := 16*(e/128) + e%16
	words := Philox([4]uint32{uint32(number), uint32(number >> 32), execution, domain}, key)
	return uint16(words[e/16%4] >> (16 * (e / 64 % 2)))
}
