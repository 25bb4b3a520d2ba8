"""How much data there is, and how much work is done on it."""

from dataclasses import asdict, dataclass, fields, replace


@dataclass(frozen=True)
class Sizes:
    """Counts, and MiB where the name ends in _mib. What is marked as data makes another image."""

    tree_files: int = 50_000  # data: small files in the tree that is walked
    small_files: int = 1_000  # data: lower files that are appended to
    doomed_files: int = 5_000  # data: lower files that are deleted
    big_mib: int = 1_024  # data: the file that is read, appended to, chmodded
    git_files: int = 3_000  # data: files of the git repository
    package_files: int = 1_500  # data: files of the .deb
    random_read_mib: int = 256  # read at random, in blocks of 4 KiB
    write_mib: int = 512  # written in sequence
    random_write_mib: int = 64  # written at random, in blocks of 4 KiB
    created_files: int = 10_000  # created and unlinked, 1 KiB each
    stats: int = 20_000  # stat calls of each of the 4 processes
    execs: int = 1_000  # programs started

    def image_mib(self):
        """The size of the file system image. It has room for two copies of the data (layers and
        native directory) and for one more of the largest, which a step makes."""
        small = self.tree_files + self.small_files + self.doomed_files + self.created_files
        trees = 2 * (small // 200 + self.git_files // 50 + self.package_files // 100)
        return 2_100 + trees + 2 * self.big_mib + max(self.big_mib, self.write_mib)

    def data_key(self):
        """What the image is made from; another key is another image."""
        names = ("tree_files", "small_files", "doomed_files", "big_mib", "git_files", "package_files")
        return {name: getattr(self, name) for name in names} | {"image_mib": self.image_mib()}

    def as_dict(self):
        return asdict(self)


QUICK = Sizes(
    tree_files=2_000, small_files=50, doomed_files=200, big_mib=64, git_files=200,
    package_files=100, random_read_mib=8, write_mib=32, random_write_mib=4, created_files=400,
    stats=1_000, execs=50)


def add_options(parser):
    """One option for each size."""
    for field in fields(Sizes):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}", type=_count, metavar="N",
            help=f"(full {field.default:,}, quick {getattr(QUICK, field.name):,})")


def from_options(options):
    given = {f.name: getattr(options, f.name) for f in fields(Sizes)}
    base = QUICK if options.quick else Sizes()
    return replace(base, **{name: value for name, value in given.items() if value is not None})


def _count(text):
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value
