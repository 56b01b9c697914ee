set -eu
umask 077
cd "$STATE_DIRECTORY"
hold=
device=
if [ -e good.nft ]; then
  hold=holds
  nft list table inet acequia > table.txt || hold=flushed
  seen=$(sed -n 's/.*packets \([0-9]*\) .*"acequia seen".*/\1/p' table.txt)
  device=$(sed -n 's/^ *iifname != "\(.*\)" accept.*/\1/p' good.nft)
  now=$(sed -n "s/^ *$device: *[0-9]* *\([0-9]*\) .*/\1/p" /proc/net/dev)
  if [ -z "$now" ]; then
    hold=no_interface
  elif [ "$hold $seen" = 'holds 0' ] && [ -s received ] && [ "$now" -gt "$(cat received)" ]; then
    hold=blind
  fi
  rm table.txt
fi
[ ! -e good.nft ] || nft -f good.nft || rm -f etag
[ -z "$device" ] || sed -n "s/^ *$device: *[0-9]* *\([0-9]*\) .*/\1/p" /proc/net/dev > received
rm -f new.nft new.etag
printf 'header = "Authorization: Bearer %s"\n' "$(cat "$CREDENTIALS_DIRECTORY/token")" |
  curl -fsS --max-time 60 --config - -H "acequia-guard: $hold" --etag-compare etag --etag-save new.etag -o new.nft "@text@"
[ -s new.nft ] || exit 0
head -n 1 new.nft | grep -q '^# acequia:begin '
tail -n 1 new.nft | grep -q '^# acequia:end '
nft -c -f new.nft
nft -f new.nft
rm -f received
mv new.nft good.nft
mv new.etag etag
