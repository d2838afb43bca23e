// A player plays as long as its slide is shown.
const players = (slide) => slide?.querySelectorAll('warren-player') ?? [];
const turn = ({ previousSlide, currentSlide }) => {
  players(previousSlide).forEach((player) => player.pause());
  players(currentSlide).forEach((player) => player.play());
};
Reveal.on('ready', turn);
Reveal.on('slidechanged', turn);
// Keys that are meant for the slides are not meant for a player, and the other way round: each has those of its own frame.
Reveal.initialize({ hash: true, transition: 'none' });
