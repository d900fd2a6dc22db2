return {moment(), states_of(cmsgpack.unpack(ARGV[1]))}
