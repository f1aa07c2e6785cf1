// Threefry of keys and counters, element by element.

fn thread(t: u32) {
  let words = threefry(key0(t), key1(t), counter0(t), counter1(t));
  set_to0(t, words.x);
  set_to1(t, words.y);
}
