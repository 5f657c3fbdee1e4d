"""Proportions of the national activity (domain.md §7), by category of operator.

Shares of operators are in `data/operator_shares.csv`; those of the profile are our reconstruction:
two thirds of jobseekers in 2015, executives at the Apec, under 26 in the missions locales.
"""

from indicators.generation.structures import DATA, read_rows

FT, ML, APEC = "public_employment_service", "mission_locale", "apec"
CAP, OPACIF, OPR = "cap_emploi", "opacif", "regional_operator"
UNFILLED = 0.10

Weights = dict[str, float]


def operator_shares(year: int) -> Weights:
    """Share of journeys of each category that year, between the years that are known."""
    known: dict[int, Weights] = {}
    for row in read_rows(DATA / "operator_shares.csv"):
        known.setdefault(int(row["year"]), {})[row["category"]] = float(row["share"])
    before = max((y for y in known if y <= year), default=min(known))
    after = min((y for y in known if y >= year), default=max(known))
    if before >= after:
        return known[before]
    part = (year - before) / (after - before)
    return {
        category: share + part * (known[after].get(category, 0) - share)
        for category, share in known[before].items()
    }


AGES: dict[str, dict[int, float]] = {
    ML: {16: 4, 17: 6, 18: 13, 19: 15, 20: 15, 21: 13, 22: 11, 23: 9, 24: 8, 25: 6},
    FT: {a: 3.2 if a < 30 else 2.6 if a < 45 else 1.9 if a < 57 else 0.9 for a in range(18, 63)},
    APEC: {a: 3 if a < 40 else 2.4 if a < 52 else 1.2 for a in range(24, 61)},
    CAP: {a: 1 if a < 30 else 2 if a < 40 else 3 for a in range(20, 61)},
    OPACIF: {a: 1.5 if a < 28 else 3 if a < 45 else 1.4 for a in range(22, 59)},
    OPR: {a: 1.5 if a < 26 else 3 if a < 48 else 1.5 for a in range(22, 61)},
}
SITUATIONS: dict[str, Weights] = {
    FT: {"DEI": 56, "DEN": 27, "JDE": 5, "CDD": 4, "INT": 3, "CDI": 2, "STR": 2, "AUT": 1},
    ML: {"JDE": 48, "DEN": 28, "DEI": 8, "CDD": 5, "INT": 3, "APP": 3, "ETU": 3, "AUT": 2},
    APEC: {"CDI": 50, "DEI": 36, "DEN": 6, "CDD": 3, "IND": 2, "FCO": 2, "LIB": 1},
    CAP: {"DEI": 44, "DEN": 38, "CDI": 8, "CDD": 4, "STR": 3, "AUT": 3},
    OPACIF: {"CDI": 80, "CDD": 11, "INT": 8, "AUT": 1},
    OPR: {"CDI": 68, "CDD": 9, "INT": 5, "IND": 11, "LIB": 2, "AID": 1, "DEI": 3, "RET": 1},
}
CONTRACTS: dict[str, str] = {
    "CDI": "K01", "CDD": "K02", "INT": "K03", "APP": "K04", "FTI": "K06", "FCO": "K07",
    "IND": "K08", "LIB": "K08",
}  # fmt: skip
NO_CONTRACT, CONTRACT_UNFILLED = "K09", "K99"
EDUCATION: dict[str, Weights] = {
    FT: {"1": 4, "2": 12, "3": 32, "4": 22, "5": 13, "6": 9, "7": 7, "8": 1},
    ML: {"1": 6, "2": 26, "3": 34, "4": 26, "5": 6, "6": 2},
    APEC: {"4": 4, "5": 14, "6": 27, "7": 50, "8": 5},
    CAP: {"1": 6, "2": 20, "3": 44, "4": 18, "5": 8, "6": 4},
    OPACIF: {"2": 6, "3": 34, "4": 28, "5": 20, "6": 8, "7": 4},
    OPR: {"2": 4, "3": 24, "4": 26, "5": 23, "6": 13, "7": 10},
}
OCCUPATIONS: dict[str, Weights] = {
    FT: {"1": 1, "2": 3, "3": 10, "4": 22, "5": 37, "6": 27},
    ML: {"4": 6, "5": 40, "6": 26, "8": 28},
    APEC: {"3": 92, "4": 8},
    CAP: {"2": 1, "3": 4, "4": 14, "5": 44, "6": 37},
    OPACIF: {"3": 7, "4": 24, "5": 42, "6": 27},
    OPR: {"1": 1, "2": 10, "3": 16, "4": 28, "5": 32, "6": 13},
}
SECTORS: Weights = {
    "A": 3, "C": 12, "E": 1, "F": 8, "G": 16, "H": 7, "I": 8, "J": 4, "K": 3, "L": 1, "M": 6,
    "N": 10, "O": 4, "P": 4, "Q": 9, "R": 2, "S": 4,
}  # fmt: skip
DISABLED = {FT: 0.07, ML: 0.03, APEC: 0.03, CAP: 0.97, OPACIF: 0.06, OPR: 0.06}
ARRIVALS: Weights = {"V1": 65, "V2": 25, "NR": 10}
REASONS: dict[str, Weights] = {
    FT: {"M01": 33, "M02": 24, "M05": 10, "M07": 12, "M06": 4, "M13": 6, "M08": 3, "M14": 4,
         "M11": 2, "M99": 2},
    ML: {"M02": 44, "M01": 26, "M07": 20, "M06": 1, "M13": 2, "M14": 5, "M99": 2},
    APEC: {"M01": 34, "M04": 20, "M05": 16, "M03": 12, "M06": 7, "M12": 5, "M07": 5, "M99": 1},
    CAP: {"M11": 36, "M02": 22, "M01": 20, "M05": 12, "M07": 7, "M13": 3},
    OPACIF: {"M09": 42, "M05": 22, "M07": 14, "M01": 12, "M08": 6, "M14": 4},
    OPR: {"M05": 46, "M01": 20, "M06": 14, "M09": 7, "M10": 4, "M07": 5, "M03": 2, "M12": 2},
}  # fmt: skip
OTHER_REASONS = 0.35

# Ranks 1, 2, 3 of the first session, then of the next ones.
RANKS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    FT: ((0.50, 0.44, 0.06), (0.15, 0.60, 0.25)),
    ML: ((0.36, 0.56, 0.08), (0.10, 0.60, 0.30)),
    APEC: ((0.40, 0.50, 0.10), (0.10, 0.60, 0.30)),
    CAP: ((0.30, 0.60, 0.10), (0.08, 0.57, 0.35)),
    OPACIF: ((0.35, 0.40, 0.25), (0.08, 0.42, 0.50)),
    OPR: ((0.60, 0.34, 0.06), (0.15, 0.60, 0.25)),
}
SERVICES: Weights = {
    "S01": 60, "S02": 40, "S03": 26, "S04": 14, "S05": 12, "S06": 6, "S07": 20, "S08": 9, "S09": 6,
    "S10": 12, "S11": 20, "S12": 14, "S13": 7, "S14": 8, "S15": 28, "S16": 17, "S17": 10,
}  # fmt: skip
SERVICES_A_SESSION = {1: 0.55, 2: 0.32, 3: 0.13}
RAISED = 0.04  # level raised by hand above its services'

SESSIONS_A_JOURNEY = {
    1: 200, 2: 170, 3: 170, 4: 145, 5: 112, 6: 78, 7: 51, 8: 31, 9: 20, 10: 13, 12: 10,
}  # fmt: skip
OUTCOMES: Weights = {
    "I01": 20, "I02": 20, "I03": 22, "I04": 5, "I05": 11, "I06": 6, "I07": 7, "I08": 5, "I99": 4,
}  # fmt: skip
HANDED_OVER, SILENT_OUTCOME = "I06", "I07"
EXITS: dict[str, Weights] = {
    "I02": {"STR": 80, "APP": 20},
    "I03": {"CDI": 52, "CDD": 32, "INT": 16},
    "I04": {"IND": 90, "LIB": 10},
    "I05": {"CDI": 60, "DEI": 25, "DEN": 15},
}
OTHER_EXITS: Weights = {"DEI": 34, "DEN": 28, "CDI": 16, "CDD": 10, "INT": 5, "STR": 5, "ETU": 2}
SILENT = 0.14  # no more session, and nobody closes for a long time
NEVER_CLOSED = 0.15  # of these

CHANNELS_BEFORE_2020: Weights = {"PRE": 80, "TEL": 13, "MEL": 5, "VIS": 1, "CHA": 1}
CHANNELS_SINCE_2020: Weights = {"PRE": 55, "TEL": 24, "VIS": 14, "MEL": 5, "CHA": 2}
NO_REQUEST_DATE = 0.08
LONGEST_WAIT = 60
NO_BIRTH_DATE = 0.015

# Contacts, at a counter or afar.
CONTACTS_A_JOURNEY = 0.6
CONTACT_CHANNELS: Weights = {
    "PRE": 62, "TEL": 21, "MEL": 7, "CHA": 3, "NUM": 4, "BOR": 2, "VIS": 1,
}  # fmt: skip
THEMES: Weights = {
    "T01": 20, "T02": 27, "T03": 6, "T04": 13, "T05": 9, "T06": 5, "T07": 3, "T08": 5, "T09": 10,
    "T99": 2,
}  # fmt: skip
AUDIENCES: Weights = {
    "P01": 12, "P02": 11, "P03": 9, "P04": 31, "P05": 19, "P06": 4, "P07": 3, "P08": 3, "P99": 8,
}  # fmt: skip
AGE_BANDS: Weights = {"A1": 36, "A2": 18, "A3": 15, "A4": 13, "A5": 8, "NR": 10}
RESULTS: Weights = {
    "R01": 34, "R02": 16, "R03": 24, "R04": 8, "R05": 11, "R06": 4, "R07": 3,
}  # fmt: skip
NAMED_COMMUNE = 0.5  # of the contacts whose commune passes the threshold
LARGE_COMMUNE = 10_000

RETURNS_NOT_RECEIVED = 0.03
